import type { BackupError } from '../../src/base/errors';
import type { Entry } from '../../src/model/entry';
import type { RemotePath } from '../../src/model/remotePath';
import type { Incoming, Sink, Wanted } from '../../src/model/transfer';
import { Lanes } from '../../src/sources/lanes';
import { MemoryServer } from './memoryServer';
import { TestClock } from './testClock';
import { live } from './walking';

/** Keeps what arrives in memory, and the beginnings of what was given up. */
export class MemorySink implements Sink {
  readonly kept = new Map<string, string>();
  readonly skipped = new Map<string, string>();
  readonly warned: string[] = [];
  readonly offsets: number[] = [];
  open = 0;
  onFinish: (path: string) => void = () => undefined;
  readonly #parts = new Map<string, Buffer>();

  receive({ entry: { path } }: Wanted, entry: Entry): Promise<Incoming> {
    const key = `${path} ${entry.size} ${entry.mtime}`;
    const chunks: Buffer[] = [this.#parts.get(key) ?? Buffer.alloc(0)];
    const offset = chunks[0]!.length;
    this.offsets.push(offset);
    this.open += 1;
    return Promise.resolve({
      offset,
      write: (chunk: Buffer) => {
        chunks.push(chunk);
        return Promise.resolve();
      },
      finish: async () => {
        this.open -= 1;
        await Promise.resolve();
        this.onFinish(path);
        this.kept.set(path, Buffer.concat(chunks).toString());
      },
      abandon: () => {
        this.open -= 1;
        this.#parts.set(key, Buffer.concat(chunks));
        return Promise.resolve();
      },
    });
  }

  left(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  skip({ entry }: Wanted, error: BackupError): Promise<void> {
    this.skipped.set(entry.path, error.kind);
    return Promise.resolve();
  }

  warn({ entry }: Wanted, message: string): void {
    this.warned.push(`${entry.path}: ${message}`);
  }
}

/** A server, a sink and the lanes between them. */
export class Setting {
  readonly server = new MemoryServer();
  readonly sink = new MemorySink();
  readonly clock = new TestClock();
  released = false;

  async *wanted(): AsyncGenerator<Wanted, void, undefined> {
    try {
      let number = 0;
      for (const path of this.server.paths) {
        const node = this.server.node(path);
        if (node?.type !== 'file') continue;
        const { content, mtime, granularity, listed = content.length } = node;
        const entry: Entry = {
          path: path as RemotePath,
          type: 'file',
          ...(listed !== 'unknown' && { size: listed }),
          mtime,
          granularity,
        };
        yield { entry, number };
        number += 1;
        await Promise.resolve();
      }
    } finally {
      this.released = true;
    }
  }

  fetch(signal: AbortSignal = live): Promise<void> {
    return new Lanes(this.server, this.sink, this.clock, signal).fetch(this.wanted());
  }

  files(count: number): void {
    for (let file = 0; file < count; file += 1) this.server.file(`f${file}`);
  }
}
