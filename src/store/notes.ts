import { BackupError } from '../base/errors';
import type { SnapshotId } from '../model/snapshotId';
import { writeWhole } from './description';
import type { Disk } from './disk';
import type { Layout } from './layout';

/** A note is read at a glance: so many characters, and bytes of a file that anybody may have written. */
const longestNote = 500;
const longestFile = 16 * 1024;

/**
 * What a person said of a snapshot, such as "before the update to 6.8": a small file for each (UTF-8),
 * as a manifest never changes.
 */
export class Notes {
  readonly #disk: Disk;
  readonly #layout: Layout;

  constructor(disk: Disk, layout: Layout) {
    this.#disk = disk;
    this.#layout = layout;
  }

  /** On one line. Undefined if there is none, or none that can be read. */
  of(id: SnapshotId): string | undefined {
    const place = this.#layout.noteOf(id);
    if (this.#disk.stat(place)?.type !== 'file') return undefined;
    const text = this.#disk.readWhole(place, longestFile)?.toString('utf8') ?? '';
    return onOneLine(text).slice(0, longestNote) || undefined;
  }

  /** In the place of the former one; an empty one removes it. Throws `configuration` if it is too long. */
  async set(id: SnapshotId, text: string): Promise<void> {
    const note = requireNote(text);
    const place = this.#layout.noteOf(id);
    if (note === '') {
      await this.#disk.remove(place);
      return;
    }
    this.#disk.makeFolder(this.#layout.notes);
    await writeWhole(this.#disk, place, note);
    await this.#disk.syncFolder(this.#layout.notes);
  }
}

/** As it will be shown. Throws `configuration` if it is too long. */
export function requireNote(text: string): string {
  const note = onOneLine(text);
  if (note.length <= longestNote) return note;
  throw new BackupError(
    'configuration',
    `A note has at most ${longestNote} characters; this one has ${note.length}.`,
  );
}

function onOneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
}
