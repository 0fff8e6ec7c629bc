import {
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
  openSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { join } from 'node:path';

/** A repeatable source of numbers from 0 to 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const largestSmallFile = 16 * 1024;
/** 2025-01-01: far enough back that no tool takes the files for fresh. */
const oldest = 1_735_689_600;

/** `files` files of 0–16 KiB in a twentieth as many folders. */
export function makeSmall(root: string, files: number): void {
  const random = seeded(files);
  rmSync(root, { recursive: true, force: true });
  const folders = files / 20;
  for (let folder = 0; folder < folders; folder += 1) {
    const place = join(root, `folder${String(folder % 20)}`, `sub${folder}`);
    mkdirSync(place, { recursive: true });
    for (let file = 0; file < 20; file += 1) {
      const content = Buffer.alloc(Math.floor(random() * (largestSmallFile + 1)));
      for (let at = 0; at < content.length; at += 4) {
        content.writeUInt8(Math.floor(random() * 256), at);
      }
      const path = join(place, `file${file}.dat`);
      writeFileSync(path, content);
      const time = oldest + Math.floor(random() * 10_000_000);
      utimesSync(path, time, time);
    }
  }
  openUp(root);
}

/** 3,000 files of 340 MiB in all, as sites have them: most are small, most bytes are in a few. */
export function makeMixed(root: string): void {
  makeSmall(root, 2900);
  const random = seeded(340);
  const content = Buffer.alloc(16 * 1024 ** 2);
  for (let at = 0; at < content.length; at += 4) content.writeUInt8(Math.floor(random() * 256), at);
  for (let file = 0; file < 100; file += 1) {
    const size = file < 10 ? content.length : Math.floor(random() * 3.8 * 1024 ** 2);
    const path = join(root, `picture${file}.jpg`);
    writeFileSync(path, content.subarray(content.length - size));
    utimesSync(path, oldest + file, oldest + file);
  }
  openUp(root);
}

/** One file of so many bytes. */
export function makeBig(root: string, bytes: number): void {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const random = seeded(bytes);
  const block = Buffer.alloc(1024 * 1024);
  for (let at = 0; at < block.length; at += 1) block.writeUInt8(Math.floor(random() * 256), at);
  const path = join(root, 'big.bin');
  const file = openSync(path, 'w');
  for (let written = 0; written < bytes; written += block.length) {
    block.writeUInt32LE(written / block.length, 0);
    writeSync(file, block);
  }
  closeSync(file);
  utimesSync(path, oldest, oldest);
  openUp(root);
}

let edits = 0;

/** Edits one of the small files: other content of the same length, and a new time. */
export function editOne(root: string): void {
  edits += 1;
  const path = join(root, 'folder0', 'sub0', 'file0.dat');
  const content = readFileSync(path).fill(edits);
  writeFileSync(path, content);
  const time = oldest + 20_000_000 + edits;
  utimesSync(path, time, time);
}

function openUp(root: string): void {
  chmodSync(root, 0o755);
}
