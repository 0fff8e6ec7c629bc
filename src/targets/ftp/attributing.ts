import type { Connection } from '../../sources/ftp/connection';
import { printable } from '../../model/remotePath';
import { isDone, quoted } from '../../sources/ftp/refusal';
import type { Reply } from '../../sources/ftp/reply';
import type { Attributes, Standing } from '../target';

/**
 * The commands that set a time (measured): `MFMT` of ProFTPD, Pure-FTPd and others that name it in
 * FEAT (draft-somers-ftp-mfxx), vsftpd's own form of `MDTM`, and `SITE UTIME` of older ones.
 */
const timeCommands = ['MFMT', 'MDTM', 'SITE UTIME'] as const;

type TimeCommand = (typeof timeCommands)[number];

/** An entry to be named so that servers that cut their commands at spaces find it. */
export interface Named {
  /** As the server spells it, without the leading `/`. */
  readonly folder: string;
  readonly name: string;
}

/** Commands that set something, and what their replies are to be told to. */
export interface Setting {
  readonly commands: readonly string[];
  readonly learn: (replies: readonly Reply[]) => Promise<void>;
}

interface Dating {
  readonly tried: TimeCommand;
  readonly reply: Reply;
  readonly named: string;
  readonly mtime: number;
  readonly isFolder: boolean;
}

/** Sets times and rights, and learns from each server how. */
export class Attributing {
  readonly #notes: Set<string>;
  readonly #said = new Set<string>();
  /** What has worked, or may. */
  #time: TimeCommand | undefined;
  #timeWorked = false;
  #setsModes = true;

  constructor(notes: Set<string>) {
    this.#notes = notes;
  }

  /** Of a file that is being written. */
  ofNew(connection: Connection, { folder, name }: Named, attributes: Attributes): Setting {
    const before = [`CWD /${folder}`, `SIZE ${name}`];
    return this.#setting(connection, before, { named: name, type: 'file' }, attributes);
  }

  /** Of a file or folder that may have any name. */
  async set(
    connection: Connection,
    { folder, name, type }: Named & Pick<Standing, 'type'>,
    attributes: Attributes,
  ): Promise<void> {
    const path = folder === '' ? `/${name}` : `/${folder}/${name}`;
    // ProFTPD puts one space where there was other white space: a folder can be named from within.
    const isCut = /\s{2}|[^\S ]|\s$/.test(path);
    const inside = isCut && isDone(await connection.ask(`CWD ${path}`));
    const named = inside ? '.' : path;
    const { commands, learn } = this.#setting(connection, [], { named, type }, attributes);
    if (commands.length > 0) await learn(await connection.askTogether(commands));
  }

  #setting(
    connection: Connection,
    before: readonly string[],
    { named, type }: { readonly named: string } & Pick<Standing, 'type'>,
    { mode, mtime }: Attributes,
  ): Setting {
    const time = mtime === undefined ? undefined : this.#timeCommand(connection);
    const dating = time === undefined || mtime === undefined ? [] : [`${time} ${stamp(mtime)}`];
    const rights = mode !== undefined && this.#setsModes ? [`SITE CHMOD ${octal(mode)}`] : [];
    const setting = [...dating, ...rights].map((command) => `${command} ${named}`);
    const learn = async (replies: readonly Reply[]): Promise<void> => {
      const [dated = refused] = replies.slice(before.length);
      if (time !== undefined && mtime !== undefined) {
        const isFolder = type === 'directory';
        await this.#learnTime(connection, { tried: time, reply: dated, named, mtime, isFolder });
      }
      if (rights.length > 0) this.#learnModes(replies.at(-1) ?? refused, named);
    };
    return { commands: [...before, ...setting], learn };
  }

  #timeCommand({ features }: Connection): TimeCommand | undefined {
    if (this.#time === undefined && !this.#timeWorked) {
      this.#time = features.setsTime ? 'MFMT' : 'MDTM';
    }
    return this.#time;
  }

  /** Tries the next command where one has never worked. */
  async #learnTime(
    connection: Connection,
    { tried, reply, named, mtime, isFolder }: Dating,
  ): Promise<void> {
    if (isDone(reply)) {
      this.#timeWorked = true;
      return;
    }
    if (isFolder) {
      this.#say('folders', 'The server does not set the times of folders.');
      return;
    }
    if (!this.#timeWorked) {
      for (const command of timeCommands.slice(timeCommands.indexOf(tried) + 1)) {
        if (!isDone(await connection.ask(`${command} ${stamp(mtime)} ${named}`))) continue;
        this.#time = command;
        this.#timeWorked = true;
        return;
      }
    }
    this.#say('times', `The server did not set the times of some entries: ${quoted(reply)}`);
  }

  /** Of each kind only the first: thousands of others would say the same. */
  #say(about: string, note: string): void {
    if (this.#said.has(about)) return;
    this.#said.add(about);
    this.#notes.add(note);
  }

  #learnModes(reply: Reply, named: string): void {
    if (isDone(reply)) return;
    const unknown = [500, 501, 502, 504].includes(reply.code);
    if (unknown) this.#setsModes = false;
    this.#say(
      'rights',
      unknown
        ? 'The server cannot set rights (it has no SITE CHMOD).'
        : `The server did not set the rights of some entries, such as ${printable(named)}: ${quoted(reply)}`,
    );
  }
}

const refused: Reply = { code: 500, lines: [] };

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(3, '0');
}

/** `20231114221320`, in UTC; fractions of seconds are left out, as no server takes them everywhere. */
function stamp(mtime: number): string {
  const iso = new Date(Math.floor(mtime) * 1000).toISOString();
  return iso.slice(0, 19).replaceAll(/[-T:]/g, '');
}
