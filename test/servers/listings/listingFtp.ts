import type { Peer, Script } from '../scriptedFtp';

/** What a server has, and how it lists it. */
export interface ListingWorld {
  /** Contents by path without the leading `/`; a path that ends with `/` is a folder. */
  readonly files: Readonly<Record<string, string>>;
  /**
   * What it answers to a command that lists a folder: the lines as bytes, or a reply instead of a
   * transfer. Undefined: it does not know the command.
   */
  readonly list: (command: string, folder: string) => readonly string[] | string | undefined;
  /** Which of SIZE, MDTM, MLST it knows. Default: SIZE and MDTM. */
  readonly knows?: readonly string[];
  /** What it enters beyond the folders that it has: some enter whatever they are asked to. */
  readonly entersAnything?: boolean;
  /** What ends a line. Default: CR and LF. */
  readonly end?: string;
}

/** When everything was changed, as MDTM and MLST tell it. */
const changed = '20260102030405';

/** An FTP server that lists by a script and is right in all else. */
export function listingScript(world: ListingWorld): Script {
  const folders = new Map<number, string>();
  const { knows = ['SIZE', 'MDTM'] } = world;
  const features = knows.map((name) => (name === 'MLST' ? 'MLST type*;size*;modify*;' : name));
  const answers: Readonly<Record<string, (path: string, peer: Peer) => Promise<void> | void>> = {
    CWD: (path, peer) => {
      const entered = world.entersAnything === true || hasFolder(world, path);
      if (entered) folders.set(peer.number, path);
      peer.say(entered ? '250 there' : '550 No such file or directory');
    },
    SIZE: (path, peer) => told(peer, '213', sizeOf(world, path)),
    MDTM: (path, peer) =>
      told(peer, '213', sizeOf(world, path) === undefined ? undefined : changed),
    MLST: (path, peer) => {
      const fact = factsOf(world, path);
      if (fact === undefined) peer.say('550 No such file or directory');
      else peer.raw(`250-Listing\r\n ${fact} /${path}\r\n250 End\r\n`);
    },
  };
  const optional = new Set(['SIZE', 'MDTM', 'MLST'].filter((name) => !knows.includes(name)));
  return {
    files: Object.fromEntries(Object.entries(world.files).filter(([path]) => !path.endsWith('/'))),
    features,
    on: async (command, argument, peer) => {
      if (optional.has(command)) {
        peer.say('502 not implemented');
        return true;
      }
      const path = argument.replace(/^\//, '');
      const answer = answers[command];
      if (answer !== undefined) {
        await answer(path, peer);
        return true;
      }
      if (!/^(?:LIST|MLSD|NLST)$/.test(command)) return false;
      const asked = argument === command ? command : `${command} ${argument}`;
      const listed = world.list(asked, folders.get(peer.number) ?? '');
      await send(peer, listed, world.end ?? '\r\n');
      return true;
    },
  };
}

async function send(
  peer: Peer,
  listed: readonly string[] | string | undefined,
  end: string,
): Promise<void> {
  if (listed === undefined) peer.say('502 not implemented');
  else if (typeof listed === 'string') peer.say(listed);
  else {
    const data = await peer.data();
    peer.say('150 here it comes');
    const text = listed.map((line) => line + end).join('');
    await new Promise<void>((resolve) => data.end(text, 'latin1', () => resolve()));
    peer.say('226 done');
  }
}

function told(peer: Peer, code: string, value: string | number | undefined): void {
  peer.say(value === undefined ? '550 No such file or directory' : `${code} ${value}`);
}

function sizeOf(world: ListingWorld, path: string): number | undefined {
  return world.files[path]?.length;
}

function hasFolder(world: ListingWorld, path: string): boolean {
  const paths = Object.keys(world.files);
  return path === '' || paths.some((file) => file.startsWith(`${path}/`));
}

function factsOf(world: ListingWorld, path: string): string | undefined {
  const size = sizeOf(world, path);
  if (size !== undefined) return `type=file;size=${size};modify=${changed};`;
  return hasFolder(world, path) ? `type=dir;modify=${changed};` : undefined;
}
