import type { CopiedAfterRun } from '../../jobs/copies/copyAfterRun';
import type { CopiedSnapshot } from '../../jobs/copies/copySnapshots';
import type { Rehearsed } from '../../jobs/copies/rehearse';
import { bytesText, countText, durationText } from '../../report/figures';
import { shown } from '../output';

export function copiedEvent(one: CopiedSnapshot): Record<string, unknown> {
  const { server, snapshot, copy, id, addedBytes, readFiles, unmodifiedFiles, seconds } = one;
  const files = { readFiles, unmodifiedFiles };
  return { event: 'copied', server, snapshot, copy, id, addedBytes, seconds, ...files };
}

export function copiedWords(one: CopiedSnapshot): string {
  const { server, snapshot, copy, addedBytes, readFiles, unmodifiedFiles, seconds } = one;
  const files = `${countText(readFiles, 'file')} read, ${unmodifiedFiles} unchanged`;
  return `${server}  ${snapshot}  copied to ${copy}: ${files}, ${bytesText(addedBytes)} added, in ${durationText(seconds)}`;
}

export function rehearsedEvent(one: Rehearsed): Record<string, unknown> {
  return { event: 'rehearsed', ...one };
}

export function rehearsedWords(one: Rehearsed): string {
  const { server, snapshot, copy, files, bytes, status, damaged } = one;
  const what = `${countText(files, 'file')}, ${bytesText(bytes)}`;
  const verdict = status === 'whole' ? 'came back, every digest is right' : 'right; DAMAGED:';
  return [
    `${server}  ${snapshot}  rehearsed from ${copy}: ${what} ${verdict}`,
    ...damaged.map((path) => `  damaged  ${shown(path)}`),
  ].join('\n');
}

/** What became of the copies after a run, for programs. */
export function copyEvents({ copied, rehearsed }: CopiedAfterRun): Record<string, unknown>[] {
  return [...copied.map(copiedEvent), ...rehearsed.map(rehearsedEvent)];
}

/** And for people. */
export function copyWords({ copied, rehearsed }: CopiedAfterRun): string[] {
  return [...copied.map(copiedWords), ...rehearsed.map(rehearsedWords)].map((text) =>
    text.replaceAll(/^/gm, '  '),
  );
}

/** A copy that failed takes nothing from the backup. */
export function copyWarnings({ failed }: CopiedAfterRun): { path: string; message: string }[] {
  return failed.map(({ copy, message }) => ({ path: `copies.${copy}`, message }));
}
