import type { Creating, Disk } from '../../src/store/disk';
import { nodeDisk } from '../../src/store/nodeDisk';
import type { TestClock } from '../sources/testClock';

/** A disk that takes a millisecond to create a file, by a clock of its own, and how it was used. */
export class SlowDisk {
  /** Files that were created by the thread that asked for them. */
  createdHere = 0;
  /** Files that were handed over. */
  createdBeside = 0;
  started = 0;
  readonly disk: Disk;

  constructor(clock: Pick<TestClock, 'advance'>, base: Disk = nodeDisk) {
    this.disk = {
      ...base,
      createFile: (path, content, attributes) => {
        this.createdHere += 1;
        clock.advance(1);
        return base.createFile(path, content, attributes);
      },
      startCreating: () => {
        this.started += 1;
        const thread = nodeDisk.startCreating();
        return thread && this.#counted(thread);
      },
    };
  }

  #counted(thread: Creating): Creating {
    return {
      create: async (files) => {
        this.createdBeside += files.places.length;
        const created = await thread.create(files);
        return created && { ...created, milliseconds: files.places.length };
      },
      [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
    };
  }
}
