/** Known before the configuration is read, so that `Match user` and the tokens see it. */
export interface Asked {
  readonly host: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
}
