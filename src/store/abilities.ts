import path from 'node:path';
import { BackupError } from '../base/errors';
import { bytesOf } from '../model/remotePath';
import type { Disk } from './disk';
import { placeBelow } from './layout';

/** What the disk under a store can do. Probed once, never assumed. */
export interface DiskAbilities {
  /** How an unchanged file gets into the next snapshot. */
  readonly share: 'clone' | 'link' | 'copy';
  /** Whether `README` and `readme` are two files. */
  readonly caseSensitive: boolean;
  /** Whether composed and decomposed accents are two names. */
  readonly normalizationSensitive: boolean;
  /** Whether a name may be bytes that are not UTF-8. */
  readonly anyBytes: boolean;
  /** The characters that a name may not have. */
  readonly forbidden: string;
  /** Whether a name may end with a dot or a space. */
  readonly trailingDots: boolean;
  /** Whether `con` and `aux.txt` are ordinary names. */
  readonly deviceNames: boolean;
  /** The longest name, in bytes: 255 on most disks, 143 on an encrypted one (eCryptfs). */
  readonly longestName: number;
}

const usualLongestName = 255;
/** No disk has less room; if one had, its names would still be cut, and told of one by one. */
const leastLongestName = 64;

const suspects = '<>:"\\|?*\u0001\n\t';

/** Finds out by trying, in a folder of its own that it removes again. */
export async function probeAbilities(disk: Disk, folder: string): Promise<DiskAbilities> {
  const place = path.join(folder, 'probe');
  await disk.remove(place);
  disk.makeFolder(place);
  const probe = new Probe(disk, place);
  const abilities: DiskAbilities = {
    share: await probe.share(),
    caseSensitive: !probe.same('case', 'CASE'),
    normalizationSensitive: !probe.same('caf\u00e9', 'cafe\u0301'),
    anyBytes: await probe.holds('bytes-\xff\xfe'),
    forbidden: await probe.forbidden(),
    trailingDots: (await probe.holds('dot.')) && (await probe.holds('space ')),
    deviceNames: (await probe.holds('con')) && (await probe.holds('aux.txt')),
    longestName: await probe.longestName(),
  };
  await disk.remove(place);
  return abilities;
}

class Probe {
  readonly #disk: Disk;
  readonly #folder: string;

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
  }

  async share(): Promise<DiskAbilities['share']> {
    const original = path.join(this.#folder, 'original');
    this.#create(original);
    try {
      await this.#disk.clone(original, path.join(this.#folder, 'clone'));
      return 'clone';
    } catch (error) {
      this.#throwIfFull(error);
    }
    try {
      this.#disk.link(original, path.join(this.#folder, 'link'));
      return 'link';
    } catch (error) {
      this.#throwIfFull(error);
      return 'copy';
    }
  }

  /** Whether the two names are one file. */
  same(name: string, other: string): boolean {
    this.#create(path.join(this.#folder, name));
    return this.#disk.stat(path.join(this.#folder, other)) !== undefined;
  }

  /** Whether a file of this name (a byte string) can be made, and is then listed by the same name. */
  async holds(name: string): Promise<boolean> {
    try {
      this.#create(placeBelow(this.#folder, name));
    } catch (error) {
      this.#throwIfFull(error);
      return false;
    }
    return (await this.#disk.namesIn(this.#folder)).includes(name);
  }

  async forbidden(): Promise<string> {
    const refused: string[] = [];
    for (const character of suspects) {
      if (!(await this.holds(`a${character}b`))) refused.push(character);
    }
    return refused.join('');
  }

  async longestName(): Promise<number> {
    let held = leastLongestName;
    let tried = usualLongestName;
    for (let refused = usualLongestName + 1; held < refused - 1;) {
      if (await this.holds('n'.repeat(tried))) held = tried;
      else refused = tried;
      tried = Math.floor((held + refused) / 2);
    }
    return held;
  }

  #create(place: Buffer | string): void {
    this.#disk.createFile(place, bytesOf('probe'), { mode: 0o600, mtime: 0 });
  }

  #throwIfFull(error: unknown): void {
    if (error instanceof BackupError && error.kind === 'disk-full') throw error;
  }
}
