import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { remotePath } from '../../src/model/remotePath';
import { openSftpTarget } from '../../src/targets/sftp/sftpTarget';
import type { Content, Target } from '../../src/targets/target';
import { ScriptedSftp, type Script } from '../servers/scriptedSftp';
import { never, serverAt, Setting } from '../ssh/setting';

const [open, close, fstat, remove] = [3, 4, 8, 13];
const [ok, failure] = [0, 4];
const text = 'content';
const content: Content = {
  size: text.length,
  sha256: createHash('sha256').update(text).digest('hex'),
  place: '',
  // eslint-disable-next-line @typescript-eslint/require-await -- a small file
  read: async function* () {
    yield Buffer.from(text);
  },
};

/** Files can be made, written and closed. One handle too many is refused when the file is made already, as OpenSSH does. */
class FewHandles {
  greatest = 0;
  readonly files = new Set<string>();
  readonly #most: number;
  readonly #open = new Set<string>();
  #handles = 0;

  constructor(most: number) {
    this.#most = most;
  }

  readonly script: Script = {
    answer: ({ type, subject }, reply) => {
      if (type === open) {
        const isTaken = this.files.has(subject);
        this.files.add(subject);
        if (isTaken || this.#open.size >= this.#most) reply.status(failure, 'Failure');
        else reply.handle(this.#opened());
      } else if (type === close) reply.status(this.#open.delete(subject) ? ok : failure, '');
      else if (type === remove) reply.status(this.files.delete(subject) ? ok : failure, '');
      else if (type === fstat) reply.attributes({ size: text.length });
      else reply.status(this.#open.has(subject) ? ok : failure, '');
      return true;
    },
  };

  #opened(): string {
    this.#handles += 1;
    const handle = `handle ${this.#handles}`;
    this.#open.add(handle);
    this.greatest = Math.max(this.greatest, this.#open.size);
    return handle;
  }

  get left(): number {
    return this.#open.size;
  }
}

let setting: Setting;
let scripted: ScriptedSftp;
let target: Target;

beforeEach(() => {
  setting = new Setting();
});

afterEach(async () => {
  await target[Symbol.asyncDispose]();
  await scripted[Symbol.asyncDispose]();
  await setting[Symbol.asyncDispose]();
});

async function upload(few: FewHandles, names: readonly string[]): Promise<void> {
  scripted = await ScriptedSftp.start(few.script);
  setting.write('known_hosts', scripted.knownHostsLine);
  const server = serverAt(scripted.port, { timeout: 20_000 });
  target = await openSftpTarget(server, setting.environment, never);
  const attributes = { mode: 0o644, mtime: 1_700_000_000 };
  const place = (name: string): ReturnType<typeof remotePath> => remotePath(`/folder/${name}`);
  await Promise.all(names.map((name) => target.upload(place(name), content, attributes, never)));
}

const names = Array.from({ length: 200 }, (_, index) => `f${index}`);
const count = (type: number): number =>
  scripted.requests.filter((request) => request.type === type).length;

test.each([1, 3, 16])('a server with %i handles gets every file', async (handles) => {
  const few = new FewHandles(handles);
  await upload(few, names);
  expect([...few.files].sort()).toEqual(names.map((name) => `/folder/${name}`).sort());
  expect(few.greatest).toBe(handles);
  expect(few.left).toBe(0);
  expect([...target.notes]).toEqual([]);
  // The first burst is refused; later, only what is tried to find out whether there is more room.
  expect(count(open) - names.length).toBeLessThanOrEqual(names.length - handles + 60);
});

test('a server with room for all is asked nothing more than it takes', async () => {
  await upload(new FewHandles(Infinity), names);
  // Opened, written, two attributes set, looked at, closed.
  expect(scripted.requests).toHaveLength(6 * names.length);
  expect(count(open)).toBe(names.length);
});
