import { BackupError } from '../base/errors';
import type { SnapshotId } from '../model/snapshotId';
import { writeWhole } from './description';
import type { Disk } from './disk';
import type { Layout } from './layout';

/**
 * Why a snapshot stays, whatever the retention says. `before-restore`: it holds only what a restore was
 * about to overwrite or delete, and is none of the server's backups.
 */
export type Pin = 'by-hand' | 'before-restore';

/** What stands in the pin of a safety snapshot; one that is set by hand is empty. */
const safetyMark = 'before-restore';

/** The pins of a store: a small file for each pinned snapshot, as a manifest never changes. */
export class Pins {
  readonly #disk: Disk;
  readonly #layout: Layout;

  constructor(disk: Disk, layout: Layout) {
    this.#disk = disk;
    this.#layout = layout;
  }

  of(id: SnapshotId): Pin | undefined {
    const found = this.#disk.stat(this.#layout.pin(id));
    if (!found) return undefined;
    return found.size > 0 ? 'before-restore' : 'by-hand';
  }

  /** It is there for good, and says what it is, when this resolves: a power cut must not make a backup of a safety snapshot. */
  async set(id: SnapshotId, pin: Pin): Promise<void> {
    if (this.of(id) !== undefined) return;
    const { pins, own } = this.#layout;
    this.#disk.makeFolder(pins);
    await writeWhole(this.#disk, this.#layout.pin(id), pin === 'by-hand' ? '' : safetyMark);
    for (const folder of [pins, own]) await this.#disk.syncFolder(folder);
  }

  /**
   * Throws `configuration` for a safety snapshot: without its pin it would pass for a backup, and the
   * next run would take all that it does not hold for deleted.
   */
  remove(id: SnapshotId): void {
    const pin = this.of(id);
    if (pin === 'before-restore') {
      throw new BackupError(
        'configuration',
        `${id} holds what a restore overwrote and stays pinned. Delete it when it is no longer needed.`,
      );
    }
    if (pin !== undefined) this.#disk.removeFile(this.#layout.pin(id));
  }
}
