/** The overview as one HTML page that needs nothing else: no script, no other file, no network. */
import { createHash } from 'node:crypto';
import type { Localization } from '../../base/localization';
import { Turns } from '../../base/turns';
import type { DayState } from '../../model/overview/calendar';
import type { Overview, StandingState } from '../../model/overview/overview';
import { escapedHtml } from '../outlineHtml';
import { legendSign } from './calendarChart';
import type { Frame, OverviewLinks } from './frame';
import { Moments } from './moments';
import { dayWord, standingWord } from './overviewWords';
import { pageStyle } from './pageStyle';
import { serverSection } from './serverSection';

export interface PageOptions {
  readonly l10n: Localization;
  /** A BCP 47 tag such as `fr`. */
  readonly language: string;
  readonly links: OverviewLinks;
}

/** Only our own style is obeyed, known by its digest; nothing is run and nothing is loaded. */
function policy(): string {
  const digest = createHash('sha256').update(pageStyle).digest('base64');
  return `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
}

/** In ASCII, so that no encoding can spoil it. */
export async function overviewPage(overview: Overview, options: PageOptions): Promise<string> {
  const { l10n, language, links } = options;
  const frame: Frame = { l10n, links, moments: new Moments(language), days: overview.days };
  const turns = new Turns();
  const sections: string[] = [];
  for (const [number, server] of overview.servers.entries()) {
    sections.push(asciiHtml(serverSection(server, number, frame)));
    if (turns.isOver) await turns.next();
  }
  const title = escapedHtml(l10n.t('Overview of the backups'));
  const head = [
    '<!doctype html>',
    `<html lang="${escapedHtml(language)}"><head><meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${policy()}">`,
    '<meta name="viewport" content="width=device-width">',
    `<title>${title}</title><style>${pageStyle}</style></head><body>`,
  ];
  const body = [`<h1>${title}</h1>`, summary(overview, frame), legend(frame), '<main>'];
  const page = [...head, ...body.map(asciiHtml), ...sections, '</main></body></html>', ''];
  const html = page.join('\n');
  // Whoever gets so much has work of their own with it.
  await turns.next();
  return html;
}

function asciiHtml(html: string): string {
  return html.replaceAll(/[^\x00-\x7f]/gu, (sign) => `&#${sign.codePointAt(0) ?? 0xfffd};`);
}

function summary({ made, servers }: Overview, { l10n, moments, links }: Frame): string {
  const counts = new Map<StandingState, number>();
  for (const { standing } of servers) {
    counts.set(standing.state, (counts.get(standing.state) ?? 0) + 1);
  }
  const parts = [...counts].map(
    ([state, count]) =>
      `<li><span class="state ${state}">${escapedHtml(standingWord(state, l10n))}</span> ${count}</li>`,
  );
  const when = l10n.t('As of {0}, in the time of {1}.', moments.moment(made), moments.timeZone);
  const again =
    links.refresh === undefined
      ? ''
      : ` <a href="${escapedHtml(links.refresh)}">${escapedHtml(l10n.t('Look again'))}</a>`;
  const none = `<p>${escapedHtml(l10n.t('There is no server yet.'))}</p>`;
  const list = servers.length === 0 ? none : `<ul class="counts">${parts.join('')}</ul>`;
  const trouble = servers.flatMap(({ name, standing }, number) =>
    isTrouble(standing.state) ? [`<li><a href="#s${number}">${escapedHtml(name)}</a></li>`] : [],
  );
  const first =
    trouble.length === 0 || servers.length < 4
      ? ''
      : `<nav><h2>${escapedHtml(l10n.t('To be looked at'))}</h2><ul>${trouble.join('')}</ul></nav>`;
  return `<p class="when">${escapedHtml(when)}${again}</p>${list}${first}`;
}

function isTrouble(state: StandingState): boolean {
  return state !== 'good' && state !== 'never';
}

const shownStates: readonly DayState[] = ['good', 'incomplete', 'failed', 'missed', 'none'];

function legend({ l10n }: Frame): string {
  const signs = shownStates.map(
    (state) => `<li>${legendSign(state)} ${escapedHtml(dayWord(state, l10n))}</li>`,
  );
  return `<ul class="legend">${signs.join('')}</ul>`;
}
