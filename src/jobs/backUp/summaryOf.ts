import { bytesText, countText, durationText } from '../../report/figures';
import type { RunReport } from '../../report/runReport';

/** What a run came to, as its log says it. */
export function summaryOf(report: RunReport): string {
  const skipped = report.skipped.length;
  return [
    `Snapshot ${report.snapshot} is ${report.status}:`,
    `${countText(report.files, 'file')}, ${bytesText(report.bytes)};`,
    `${countText(report.fetchedFiles, 'file')} fetched (${bytesText(report.fetchedBytes)}),`,
    `${report.linkedFiles} unchanged, ${skipped} skipped, in ${durationText(report.seconds)}.`,
  ].join(' ');
}
