/**
 * The names under which a restore puts a file beside its place before it is renamed into it. A restore
 * that was interrupted leaves them; the next one removes them, and no backup takes them for content.
 */
const pattern = /^\.sauvegarde-[0-9a-f]{16}\.(?:part|former)$/;

/** `part`: not whole yet. `former`: what stood there, while a server cannot replace it in one step. */
export type TemporaryKind = 'part' | 'former';

/** @param random 16 hexadecimal digits */
export function temporaryName(random: string, kind: TemporaryKind): string {
  return `.sauvegarde-${random}.${kind}`;
}

/** @param name one component of a path */
export function isTemporaryName(name: string): boolean {
  return name.startsWith('.sauvegarde-') && pattern.test(name);
}
