import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { ManifestEntry } from '../../src/model/manifest';
import { bytesOf } from '../../src/model/remotePath';
import type { RunReport } from '../../src/report/runReport';
import type { BackUpFixture } from './backUpFixture';
import { describe as describeOriginal, type Original, type OriginalTree } from './originalTree';
import type { SourceUnderTest } from './sourceUnderTest';

/** Does something once the plan of a run has its first lines. */
export function onceListed(plan: string, action: () => void): () => void {
  const watch = setInterval(() => {
    if ((fs.statSync(plan, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
    clearInterval(watch);
    action();
  }, 1);
  return () => clearInterval(watch);
}

export function restore(tree: OriginalTree, folders: readonly string[]): void {
  for (const folder of folders) fs.chmodSync(tree.at(folder), 0o755);
  fs.chmodSync(tree.at('secret-file'), 0o644);
}

export function expectSkipped(
  report: RunReport,
  tree: OriginalTree,
  root: string,
  expected: Record<string, string>,
): void {
  const found = report.skipped.map(({ path, kind }) => [path.slice(root.length + 2), kind]);
  expect(Object.fromEntries(found), tree.root).toEqual(expected);
}

export function expectSame(
  source: SourceUnderTest,
  originals: ReadonlyMap<string, Original>,
  entries: ReadonlyMap<string, ManifestEntry>,
): void {
  const hidden = (original: Original): boolean =>
    source.hidesSpecialEntries === true &&
    (original.type === 'other' || original.type === 'symlink');
  const wanted = [...originals].filter(
    ([name, original]) => entries.has(name) || !hidden(original),
  );
  expect([...entries.keys()]).toEqual(wanted.map(([name]) => name));
  for (const [name, original] of wanted) {
    const entry = entries.get(name) as ManifestEntry;
    if (source.absoluteTargets === true && original.target !== undefined) {
      const target = path.posix.normalize(entry.target ?? '');
      expect(target.endsWith(endOfTarget(name, original.target)), `${name}: ${target}`).toBe(true);
      continue;
    }
    expect(contentOf(entry), name).toEqual(contentOfOriginal(original));
    if (entry.type !== 'file') continue;
    expect(entry.granularity, name).toBeLessThanOrEqual(source.granularity);
    expect(entry.mtime, name).toBeCloseTo(cut(original.mtime, entry.granularity ?? 1), 6);
    const mask = source.modeMask ?? 0o7777;
    if (mask !== 0) expect((entry.mode ?? 0) & mask, name).toBe(original.mode & mask);
  }
}

/** The end of an absolute target that is the same wherever the tree is on the server. */
function endOfTarget(name: string, target: string): string {
  return path.posix.resolve('/', path.posix.dirname(name), target).replace(/\/$/, '');
}

function contentOf(entry: ManifestEntry): unknown {
  const { type, size, sha256, target } = entry;
  return { type, size, sha256, target };
}

function contentOfOriginal(original: Original): unknown {
  const { type, size, sha256, target } = original;
  return { type, size, sha256, target };
}

/** Seconds, cut to the granularity as servers do: towards the past. */
function cut(nanoseconds: bigint, granularity: number): number {
  const unit = BigInt(Math.round(granularity * 1e6)) * 1000n;
  const remainder = ((nanoseconds % unit) + unit) % unit;
  return Number((nanoseconds - remainder) / 1000n) / 1e6;
}

/** Every file of the manifest stands on disk with the content, the time and the rights it says. */
export function expectOnDisk(
  fixture: BackUpFixture,
  id: string,
  entries: ReadonlyMap<string, ManifestEntry>,
): void {
  for (const [name, entry] of entries) {
    const place = fixture.store.place(id, entry);
    if (entry.type === 'directory') expect(fs.statSync(place).isDirectory(), name).toBe(true);
    else if (entry.sha256 === undefined) expect(fs.existsSync(place), name).toBe(false);
    else {
      const found = describeOriginal(Buffer.isBuffer(place) ? place : bytesOf(place));
      expect([found.size, found.sha256], name).toEqual([entry.size, entry.sha256]);
      expect(Number(found.mtime / 1000n) / 1e6, name).toBeCloseTo(entry.mtime ?? 0, 5);
      expect(found.mode & 0o222, name).toBe(0);
    }
  }
}
