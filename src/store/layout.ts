import path from 'node:path';
import { BackupError } from '../base/errors';
import { bytesOf, isAscii, printable, textOf } from '../model/remotePath';
import type { SnapshotId } from '../model/snapshotId';
import type { DiskPath } from './disk';

/** The folder of an unfinished snapshot: of a backup, of a restore, or of one that comes back from a copy. */
export type UnfinishedPlace = 'partial' | 'safety' | 'recovery';

/** Where everything of one server's store stands (design of the store on disk). */
export class Layout {
  readonly root: string;
  /** All that is no snapshot. */
  readonly own: string;
  readonly description: string;
  readonly manifests: string;
  readonly runs: string;
  /** Report and log of each restore. */
  readonly restores: string;
  /** Inode records beside each manifest: how a file that somebody edited is noticed. */
  readonly inodes: string;
  /** Beside each manifest what proves and mends it. */
  readonly parity: string;
  /** What of a snapshot is known to be damaged. */
  readonly damage: string;
  /** When what was last read and found right. */
  readonly proven: string;
  /** When all content was last compared with the server's. */
  readonly reread: string;
  /** Files on their way into a snapshot that is mended. */
  readonly repair: string;
  /** What stood where it does not belong, or was edited, until a repair took it away. */
  readonly quarantine: string;
  readonly trash: string;
  /** An empty file for each snapshot that no retention may remove. */
  readonly pins: string;
  /** What the guard of the retention found. */
  readonly guard: string;
  /** An empty file for each suspicious snapshot that a person accepted. */
  readonly accepted: string;
  /** What a person wrote about snapshots. */
  readonly notes: string;
  /** Figures of runs and snapshots that are read again whenever they are missing. */
  readonly figures: string;
  /** For which missed due moment it was said that the server is overdue. */
  readonly overdue: string;
  /** What is known of each off-site copy. */
  readonly copies: string;
  /** A lock for each snapshot that is being copied: it must not be removed meanwhile. */
  readonly copying: string;
  /** Parts of copies that are brought back to prove them. */
  readonly rehearsal: string;
  readonly lock: string;
  /** Of the verification that is under way: it hinders no run. */
  readonly verifyLock: string;
  readonly partial: string;
  readonly partialTree: string;
  /** Halves of files that are being delivered anew. */
  readonly halves: string;

  /** @param unfinished the folder of the unfinished snapshot; one that is made beside a backup's has its own */
  constructor(root: string, unfinished: UnfinishedPlace = 'partial') {
    const own = path.join(root, '.sauvegarde');
    this.root = root;
    this.own = own;
    this.description = path.join(own, 'store.json');
    this.manifests = path.join(own, 'snapshots');
    this.runs = path.join(own, 'runs');
    this.restores = path.join(own, 'restores');
    this.inodes = path.join(own, 'inodes');
    this.parity = path.join(own, 'parity');
    this.damage = path.join(own, 'damaged');
    this.proven = path.join(own, 'proven.ndjson');
    this.reread = path.join(own, 'reread.json');
    this.repair = path.join(own, 'repair');
    this.quarantine = path.join(own, 'quarantine');
    this.trash = path.join(own, 'trash');
    this.pins = path.join(own, 'pins');
    this.guard = path.join(own, 'guard.json');
    this.accepted = path.join(own, 'accepted');
    this.notes = path.join(own, 'notes');
    this.figures = path.join(own, 'figures.json');
    this.overdue = path.join(own, 'overdue.json');
    this.copies = path.join(own, 'copies');
    this.copying = path.join(own, 'copying');
    this.rehearsal = path.join(own, 'rehearsal');
    this.lock = path.join(own, 'lock');
    this.verifyLock = path.join(own, 'verify.lock');
    this.partial = path.join(own, unfinished);
    this.partialTree = path.join(this.partial, 'tree');
    this.halves = path.join(this.partial, 'halves');
  }

  /** @param copy its name */
  copyState(copy: string): string {
    return path.join(this.copies, `${copy}.json`);
  }

  half(name: string): string {
    return path.join(this.halves, name);
  }

  inTrash(name: string): string {
    return path.join(this.trash, name);
  }

  inPartial(name: 'header.json' | 'plan' | 'journal' | 'manifest' | 'inodes' | 'parity'): string {
    return path.join(this.partial, name);
  }

  manifest(id: SnapshotId): string {
    return path.join(this.manifests, `${id}.ndjson`);
  }

  inodesOf(id: SnapshotId): string {
    return path.join(this.inodes, id);
  }

  parityOf(id: SnapshotId): string {
    return path.join(this.parity, id);
  }

  damageOf(id: SnapshotId): string {
    return path.join(this.damage, id);
  }

  pin(id: SnapshotId): string {
    return path.join(this.pins, id);
  }

  acceptedOf(id: SnapshotId): string {
    return path.join(this.accepted, id);
  }

  noteOf(id: SnapshotId): string {
    return path.join(this.notes, id);
  }

  snapshot(id: SnapshotId): string {
    return path.join(this.root, id);
  }

  restoreReport(id: SnapshotId): string {
    return path.join(this.restores, `${id}.json`);
  }

  restoreLog(id: SnapshotId): string {
    return path.join(this.restores, `${id}.log`);
  }

  /** What a restore that is under way, or was interrupted, has planned. */
  restorePlan(id: SnapshotId): string {
    return path.join(this.restores, `${id}.plan`);
  }

  runReport(id: SnapshotId): string {
    return path.join(this.runs, `${id}.json`);
  }

  runLog(id: SnapshotId): string {
    return path.join(this.runs, `${id}.log`);
  }
}

/** A place below a folder of ours; `local` is a clean path as a byte string. */
export function placeBelow(folder: string, local: string): DiskPath {
  if (process.platform === 'win32') {
    // A manifest from another system may have names that lead elsewhere on this one.
    if (/[\\:]/.test(local)) {
      throw new BackupError('protocol', `This disk cannot hold the name ${printable(local)}.`);
    }
    return path.join(folder, textOf(local));
  }
  // The system takes text and bytes; text is cheaper, where both are the same.
  if (isAscii(local)) return local === '' ? folder : `${folder}/${local}`;
  return Buffer.concat([Buffer.from(local === '' ? folder : `${folder}/`, 'utf8'), bytesOf(local)]);
}
