import { expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { remotePath, type RemotePath } from '../../src/model/remotePath';
import { openFtpTarget } from '../../src/targets/ftp/ftpTarget';
import type { Content, Target } from '../../src/targets/target';
import { environment, ftpServer, never } from '../ftp/ftpClient';
import { ScriptedFtp, type Peer, type Script } from '../servers/scriptedFtp';

/** How a server treats commands that it did not wait for. */
interface Habit {
  /** Of those that come in one packet it minds the first. */
  readonly mindsOnlyTheFirst?: boolean;
  /** What comes during an upload is lost … */
  readonly forgetsDuringUploads?: boolean;
  /** … or refused at once, as Pure-FTPd does. */
  readonly refusesDuringUploads?: boolean;
  /** So busy that it finds the question behind its first upload together with that, and so in order. */
  readonly isBusyAtFirst?: boolean;
}

/** A server that can be written to. */
function writable(habit: Habit, files: Map<string, Buffer>): Script {
  let renamed = '';
  const lost = new Map<Peer, number>();
  let uploads = 0;
  const store = async (path: string, peer: Peer): Promise<void> => {
    uploads += 1;
    if (habit.isBusyAtFirst && uploads === 1) {
      await expect
        .poll(() => peer.queue.length, { interval: 1, timeout: 500 })
        .toBe(1)
        .catch(() => undefined);
    }
    const found = peer.queue.length;
    const data = await peer.data();
    peer.say('150 send it');
    const chunks: Buffer[] = [];
    for await (const chunk of data) chunks.push(chunk as Buffer);
    // As an upload ends on a busy server: a moment after its last byte.
    if (habit.isBusyAtFirst) await new Promise((resolve) => setTimeout(resolve, 50));
    const waiting = peer.queue.length - found;
    // Pure-FTPd reads a hundred bytes at a time.
    const late = habit.isBusyAtFirst ? Math.min(waiting, 1) : waiting;
    if (habit.forgetsDuringUploads || habit.refusesDuringUploads) lost.set(peer, late);
    if (habit.refusesDuringUploads && late > 0) peer.say('500 Unknown command');
    files.set(path, Buffer.concat(chunks));
    peer.say('226 stored');
  };
  const obeyed: Readonly<Record<string, (path: string, peer: Peer) => Promise<void> | void>> = {
    STOR: store,
    CWD: (_path, peer) => peer.say('250 there'),
    RNFR: (path, peer) => {
      renamed = path;
      peer.say('350 to what?');
    },
    RNTO: (path, peer) => {
      files.set(path, files.get(renamed) ?? Buffer.of());
      files.delete(renamed);
      peer.say('250 renamed');
    },
    SIZE: (path, peer) => {
      const found = [...files].find(([name]) => name.endsWith(path));
      peer.say(found ? `213 ${found[1].length}` : '550 none');
    },
  };
  return {
    features: ['MLST type*;size*;modify*;', 'MFMT', 'SIZE'],
    on: async (command, argument, peer) => {
      const left = lost.get(peer) ?? 0;
      if (left > 0) {
        lost.set(peer, left - 1);
        return true;
      }
      if (habit.mindsOnlyTheFirst) lost.set(peer, peer.queue.length);
      const obey = obeyed[command];
      if (!obey) return false;
      await obey(argument.replace(/^\//, ''), peer);
      return true;
    },
  };
}

function content(text: string): Content {
  const bytes = Buffer.from(text);
  return {
    ...{ size: bytes.length, sha256: '', place: '' },
    // eslint-disable-next-line @typescript-eslint/require-await -- one chunk
    read: async function* () {
      yield bytes;
    },
  };
}

const attributes = { mode: 0o644, mtime: 1_700_000_000 };
const at = (name: string): RemotePath => remotePath(name);

/** As a restore does, which tries again what a lost connection interrupted. */
async function patiently(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt === 3 || !(error instanceof BackupError) || !error.transient) throw error;
    }
  }
}

async function put(target: Target, name: string): Promise<void> {
  await target.upload(at(`${name}.part`), content(`content of ${name}`), attributes, never);
  await target.replace(at(`${name}.part`), at(name), at(`${name}.former`), never);
}

/** With so many connections at most, and so many packets for a file once its habits are known. */
const habits: readonly (readonly [string, Habit, number, number])[] = [
  ['takes all in order', {}, 1, 3],
  ['minds only the first command of a packet', { mindsOnlyTheFirst: true }, 3, 8],
  ['forgets what comes during an upload', { forgetsDuringUploads: true }, 2, 3],
  ['refuses what comes during an upload', { refusesDuringUploads: true }, 1, 3],
  ['refuses it, and is busy at first', { refusesDuringUploads: true, isBusyAtFirst: true }, 2, 3],
  ['forgets it, and is busy at first', { forgetsDuringUploads: true, isBusyAtFirst: true }, 3, 3],
];

it.each(habits)(
  'a server that %s gets every file whole',
  async (_name, habit, connections, packets) => {
    const files = new Map<string, Buffer>();
    await using ftp = await ScriptedFtp.start(writable(habit, files));
    const changes = { connections: 1, timeout: 1000 };
    await using target = await openFtpTarget(
      ftpServer(ftp.port, changes),
      environment('secret'),
      never,
    );
    // As a restore has it from looking at what is there: a way to the server's ports works.
    await patiently(() => target.reader.list(at(''), never));
    const names = Array.from({ length: 6 }, (_none, index) => `file ${index}`);
    let before = 0;
    for (const name of names) {
      before = ftp.packets;
      await patiently(() => put(target, name));
    }
    expect(ftp.packets - before).toBeLessThanOrEqual(packets);
    for (const name of names) expect(files.get(name)?.toString()).toBe(`content of ${name}`);
    expect([...files.keys()].sort()).toEqual(names);
    // What it cannot bear is found out once.
    expect(ftp.connections).toBeLessThanOrEqual(connections);
  },
);
