import { BackupError } from '../../base/errors';
import { printable } from '../../model/remotePath';

/** A reply on the control connection (RFC 959, section 4.2), its bytes as latin1 characters. */
export interface Reply {
  readonly code: number;
  /** The lines without line ends; the first and the last without the code. */
  readonly lines: readonly string[];
}

/** All lines of a reply as one text. */
export function textOfReply(reply: Reply): string {
  return reply.lines.join(' ').trim();
}

/** More than any server says at once; a reply that never ends must not fill the memory. */
const longestReply = 65_536;

const replyLine = /^([1-6]\d\d)(?:([ -])(.*))?$/s;

/** Cuts the bytes of a control connection into replies. Throws `protocol` where they are none. */
export class ReplyReader {
  #rest = '';
  #code: number | undefined;
  #lines: string[] = [];
  #length = 0;

  push(chunk: string): Reply[] {
    const replies: Reply[] = [];
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const reply = this.#line(line.endsWith('\r') ? line.slice(0, -1) : line);
      if (reply !== undefined) replies.push(reply);
    }
    this.#limit(this.#rest.length);
    return replies;
  }

  #line(line: string): Reply | undefined {
    this.#length += line.length + 1;
    this.#limit(0);
    const parts = replyLine.exec(line);
    if (this.#code === undefined) return this.#first(line, parts);
    const last = parts !== null && Number(parts[1]) === this.#code && parts[2] !== '-';
    this.#lines.push(parts !== null && Number(parts[1]) === this.#code ? (parts[3] ?? '') : line);
    return last ? this.#complete(this.#code) : undefined;
  }

  #first(line: string, parts: RegExpExecArray | null): Reply | undefined {
    if (parts === null) {
      if (line === '') return undefined;
      throw new BackupError(
        'protocol',
        `The server does not speak FTP, it said: ${printable(line.slice(0, 200))}`,
      );
    }
    const code = Number(parts[1]);
    this.#lines.push(parts[3] ?? '');
    if (parts[2] !== '-') return this.#complete(code);
    this.#code = code;
    return undefined;
  }

  #complete(code: number): Reply {
    const reply = { code, lines: this.#lines };
    this.#code = undefined;
    this.#lines = [];
    this.#length = 0;
    return reply;
  }

  #limit(pending: number): void {
    if (this.#length + pending <= longestReply) return;
    throw new BackupError('protocol', 'The server sent a reply that does not end.');
  }
}
