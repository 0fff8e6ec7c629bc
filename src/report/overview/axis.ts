import { escapedHtml } from '../outlineHtml';

/** Of a chart, in pixels where it is as wide as it can be. */
export const chartWidth = 640;
export const chartHeight = 140;
export const margin = { top: 8, bottom: 20, left: 60 } as const;

export interface Tick {
  /** Pixels. */
  readonly at: number;
  readonly text: string;
}

/** Lines for values, and names below. */
export function axis(values: readonly Tick[], names: readonly Tick[]): string {
  const lines = values.map(({ at, text }) => {
    const y = rounded(at);
    return `<path class="grid" d="M${margin.left} ${y}H${chartWidth}"/><text class="value" x="${margin.left - 6}" y="${y + 4}">${escapedHtml(text)}</text>`;
  });
  const below = names
    .filter(({ at }) => at < chartWidth - 24)
    .map(
      ({ at, text }) =>
        `<text x="${rounded(at)}" y="${chartHeight - 4}">${escapedHtml(text)}</text>`,
    );
  return [...lines, ...below].join('');
}

/** To a tenth of a pixel: more is only longer. */
export function rounded(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
