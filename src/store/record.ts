import {
  decodeEntry,
  encodeEntry,
  parseLine,
  type ManifestEntry,
  type NameDecoder,
} from '../model/manifest';
import { bytesOf, fromBytes, type RemotePath } from '../model/remotePath';
import type { InodeRecord } from './disk';

/**
 * A line of the plan or the journal of a run: internal to an unfinished snapshot, never read by other
 * programs. Fields are parted by tabs, which JSON never has outside its escapes.
 */
export type PlanRecord =
  /** Nothing is left to do: `entry` is the line of the manifest. */
  | { readonly state: 'settled'; readonly entry: ManifestEntry; readonly inode?: InodeRecord }
  | {
      readonly state: 'wanted';
      readonly entry: ManifestEntry;
      /** Earliest moment to read it, in milliseconds of the monotonic clock. */
      readonly notBefore: number;
      /** What the last snapshot has of it, should it not be readable now. */
      readonly former?: ManifestEntry;
      /** A file of the last snapshot, elsewhere in it, that looks the same. */
      readonly twin?: ManifestEntry;
      /** Where it is read from, if a link was followed to get there. */
      readonly readFrom?: RemotePath;
    };

/** What became of a wanted file, or how far it has come. */
export type JournalRecord =
  | {
      readonly state: 'settled';
      readonly number: number;
      readonly entry: ManifestEntry;
      readonly inode?: InodeRecord;
    }
  /** The first `entry.size` bytes have arrived and have this digest. `whole` is the file's listed size, if the server tells one. */
  | {
      readonly state: 'partly';
      readonly number: number;
      readonly entry: ManifestEntry;
      readonly whole: number | undefined;
      /** The server that they came from. */
      readonly endpoint: string;
    };

export function encodePlan(record: PlanRecord, decode: NameDecoder): string {
  if (record.state === 'settled') {
    return `settled\t${encodeInode(record.inode)}\t${encodeEntry(record.entry, decode)}\n`;
  }
  const former = record.former ? encodeEntry(record.former, decode) : '';
  const readFrom = bytesOf(record.readFrom ?? '').toString('base64');
  const entry = encodeEntry(record.entry, decode);
  const twin = record.twin ? encodeEntry(record.twin, decode) : '';
  return `wanted\t${record.notBefore}\t${entry}\t${former}\t${readFrom}\t${twin}\n`;
}

/** Whether a line of the plan is of a wanted file. */
export function isWanted(line: string): boolean {
  return line.startsWith('wanted\t');
}

/** The line of the manifest that a settled line of the plan carries. */
export function settledText(line: string): string {
  return line.slice(line.indexOf('\t', line.indexOf('\t') + 1) + 1);
}

export function decodePlan(line: string): PlanRecord {
  const [state, detail = '', entry = '', former = '', readFrom = '', twin = ''] = line.split('\t');
  if (state === 'settled') {
    const inode = decodeInode(detail);
    return { state, entry: decodeEntry(entry), ...(inode && { inode }) };
  }
  return {
    state: 'wanted',
    notBefore: Number(detail),
    entry: decodeEntry(entry),
    ...(former !== '' && { former: decodeEntry(former) }),
    ...(twin !== '' && { twin: decodeEntry(twin) }),
    ...(readFrom !== '' && { readFrom: fromBytes(Buffer.from(readFrom, 'base64')) }),
  };
}

export function encodeJournal(record: JournalRecord, decode: NameDecoder): string {
  const entry = encodeEntry(record.entry, decode);
  if (record.state === 'settled') {
    return `settled\t${record.number}\t${encodeInode(record.inode)}\t${entry}\n`;
  }
  return `partly\t${record.number}\t${record.whole ?? ''}\t${entry}\t${JSON.stringify(record.endpoint)}\n`;
}

export function decodeJournal(line: string): JournalRecord {
  const [state, number = '', detail = '', json = '', from = ''] = line.split('\t');
  const entry = decodeEntry(json);
  if (state === 'partly') {
    const endpoint = String(parseLine(from));
    const whole = detail === '' ? undefined : Number(detail);
    return { state, number: Number(number), whole, entry, endpoint };
  }
  const inode = decodeInode(detail);
  return { state: 'settled', number: Number(number), entry, ...(inode && { inode }) };
}

function encodeInode(inode: InodeRecord | undefined): string {
  return inode ? `${inode.number} ${inode.mtime}` : '';
}

function decodeInode(text: string): InodeRecord | undefined {
  if (text === '') return undefined;
  const [number = 0, mtime = 0] = text.split(' ').map(Number);
  return { number, mtime };
}
