import { BackupError, messageOf } from '../base/errors';
import { printable } from '../model/remotePath';

/** The two streams of the terminal. */
export interface Terminal {
  readonly out: NodeJS.WritableStream;
  readonly error: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
}

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** What the commands print: words for people, or one JSON object a line. */
export class Output {
  readonly options: OutputOptions;
  readonly terminal: Terminal;

  constructor(terminal: Terminal, options: OutputOptions) {
    this.terminal = terminal;
    this.options = options;
  }

  /** A result: the words are printed without `--json`, the event with it. */
  result(words: string, event: Readonly<Record<string, unknown>>): void {
    if (this.options.json) this.terminal.out.write(`${JSON.stringify(event)}\n`);
    else this.terminal.out.write(`${words}\n`);
  }

  /** A whole document. Resolves when all of it has gone, or nobody reads any more. */
  async print(document: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.terminal.out.write(document, () => resolve());
    });
  }

  /** For programs only: people are told in other words. */
  event(event: Readonly<Record<string, unknown>>): void {
    if (this.options.json) this.terminal.out.write(`${JSON.stringify(event)}\n`);
  }

  /** For people only, and not with `--quiet`. */
  note(words: string): void {
    if (!this.options.json && !this.options.quiet) this.terminal.out.write(`${words}\n`);
  }

  /** Something that went wrong beside the work itself, on standard error; with `--json` it stands in the event. */
  warning(server: string, message: string): void {
    if (this.options.json) return;
    this.terminal.error.write(`sauvegarde: ${server}: ${onOneScreen(message)}\n`);
  }

  /** A failure, on standard error in words, with `--json` also as an event. */
  failure(server: string | undefined, error: unknown): void {
    if (this.options.json) {
      this.terminal.out.write(`${JSON.stringify(errorEvent(server, error))}\n`);
    } else {
      const place = server === undefined ? '' : `${server}: `;
      this.terminal.error.write(`sauvegarde: ${place}${onOneScreen(messageOf(error))}\n`);
    }
    if (this.options.verbose && error instanceof Error)
      this.terminal.error.write(`${error.stack ?? ''}\n`);
  }
}

/** A failure as a line of `--json`. */
export function errorEvent(server: string | undefined, error: unknown): Record<string, unknown> {
  const kind = error instanceof BackupError ? error.kind : 'protocol';
  return { event: 'error', server, kind, message: messageOf(error) };
}

/** Server texts may hold control characters that would play with the terminal; our own line feeds stay. */
function onOneScreen(message: string): string {
  return message.split('\n').map(shown).join('\n');
}

/** A text for a terminal: control characters are shown, not obeyed. */
export function shown(text: string): string {
  return printable(Buffer.from(text, 'utf8').toString('latin1'));
}
