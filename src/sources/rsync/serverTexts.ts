import type { ErrorKind } from '../../base/errors';
import { printable } from '../../model/remotePath';

/** Something that the server could not do with a path, as its text says. */
export interface ServerFault {
  /** What it tried: `opendir`, `link_stat`, `readlink_stat`, `send_files`, `change_dir` … */
  readonly operation: string;
  /** As the server calls it, as a byte string: absolute, below `/module` of a daemon. */
  readonly path: string;
  readonly kind: ErrorKind;
  /** One sentence for the person. */
  readonly message: string;
}

/** Faults that are kept; beyond it a list counts as unknown as a whole. */
const mostFaults = 100_000;
const mostLines = 20;
const longestLine = 16_384;

/** rsync: [sender] opendir "/path" (in module) failed: Permission denied (13) */
const faultForm =
  /^rsync: (?:\[[^\]]*\] )?([a-z_]+)[^"]*"([^]*)"(?: \(in ([^]*)\))?\)?[^"]*?: ([^":]*) \((\d+)\)$/;
const vanishedForm = /^(?:file|directory) has vanished: "([^]*)"(?: \(in ([^]*)\))?$/;

/** flist.c:320: warning: /path: unreadable directory: Permission denied (openrsync log.c, flist.c, sender.c) */
const openrsyncForm = /^[^\s:]*(?::\d+|\(\d+\)|rsync): (?:warning|error): ([^]*)$/;
const openrsyncFault =
  /^([^]*): (unreadable directory|directory cycle|could not stat|l?stat|open|mmap|fstat)(?:: ([^:]*))?$/;
/** What it leaves out has no content. */
const openrsyncHarmless = /: skipping (?:special|symlink)$|: duplicate path:/;
const operations: Readonly<Record<string, string>> = {
  'unreadable directory': 'opendir',
  'directory cycle': 'opendir',
  'could not stat': 'link_stat',
  lstat: 'link_stat',
  stat: 'link_stat',
};
const kindOfReason: Readonly<Record<string, ErrorKind>> = {
  'Permission denied': 'permission',
  'Operation not permitted': 'permission',
  'No such file or directory': 'not-found',
};

const kinds = new Map<number, ErrorKind>([
  [1, 'permission'],
  [2, 'not-found'],
  [13, 'permission'],
  [20, 'not-found'],
]);

/**
 * What the server says in words, on standard error or in frames: the only place where it tells which
 * path it could not read and why (rsync's rsyserr and full_fname).
 */
export class ServerTexts {
  readonly faults: ServerFault[] = [];
  /** Whether it complained of something that cannot be told to concern one path. */
  unclear = false;
  /** Whether anything came in the words of openrsync, which tells its errors in no other way. */
  areOfOpenrsync = false;
  readonly #lines: string[] = [];
  #unfinished = '';

  /** Text of standard error: lines, in which rsync shows unprintable bytes as `\#ooo`. */
  addErrorText(text: Buffer): void {
    const lines = (this.#unfinished + text.toString('latin1')).split('\n');
    this.#unfinished = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) this.#add(unescaped(line));
  }

  /** Text of a frame: one message, whatever bytes it has. */
  addMessage(payload: Buffer): void {
    this.#add(payload.toString('latin1').replace(/\n$/, ''));
  }

  /** The last lines, as one text for an error message; empty if there are none. */
  get summary(): string {
    const shown = [...this.#lines, this.#unfinished].filter((line) => line.trim() !== '');
    return printable(shown.join(' / ')).slice(0, 500);
  }

  #add(line: string): void {
    if (line.trim() === '') return;
    this.#lines.push(line.slice(0, 500));
    if (this.#lines.length > mostLines) this.#lines.shift();
    const other = openrsyncForm.exec(line)?.[1];
    if (other === undefined) this.#note(faultOf(line), line.startsWith('rsync: '));
    else this.#addOfOpenrsync(other);
  }

  #addOfOpenrsync(text: string): void {
    this.areOfOpenrsync = true;
    if (!openrsyncHarmless.test(text)) this.#note(faultOfOpenrsync(text), true);
  }

  /** @param isComplaint whether it is a fault even if it cannot be told of what */
  #note(fault: ServerFault | undefined, isComplaint: boolean): void {
    if (fault && this.faults.length < mostFaults) this.faults.push(fault);
    else if (fault || isComplaint) this.unclear = true;
  }
}

function faultOf(line: string): ServerFault | undefined {
  const vanished = vanishedForm.exec(line);
  if (vanished) {
    const [, path = '', module] = vanished;
    return fault('vanished', path, module, 'not-found', 'It vanished while it was being read.');
  }
  const [whole, operation = '', path = '', module, reason = '', code] = faultForm.exec(line) ?? [];
  if (whole === undefined) return undefined;
  const kind = kinds.get(Number(code)) ?? 'protocol';
  return fault(operation, path, module, kind, `The server says: ${printable(reason)}.`);
}

function faultOfOpenrsync(text: string): ServerFault | undefined {
  const [whole, path = '', what = '', reason] = openrsyncFault.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const kind = kindOfReason[reason ?? ''] ?? 'protocol';
  const place = path.replaceAll(/\/{2,}/g, '/');
  const message = `The server says: ${printable(reason ?? what)}.`;
  return fault(operations[what] ?? 'send_files', place, undefined, kind, message);
}

function fault(
  operation: string,
  path: string,
  module: string | undefined,
  kind: ErrorKind,
  message: string,
): ServerFault {
  const below = path.startsWith('/') ? path : `/${path}`;
  return { operation, path: module === undefined ? below : `/${module}${below}`, kind, message };
}

/** rsync log.c: filtered_fwrite. */
function unescaped(line: string): string {
  return line.replace(/\\#(\d{3})/g, (_whole, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8) & 0xff),
  );
}
