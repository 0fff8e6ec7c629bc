import { env, l10n } from 'vscode';
import { systemClock } from '../base/clock';
import type { Server } from '../model/configuration/server';
import { scheduleOf } from '../model/schedule/scheduleOf';
import { scheduleWords } from '../model/schedule/scheduleWords';
import { momentText } from './words';

/** The schedule of a server in the person's language and when it is due next; undefined: by hand. */
export function scheduleText(server: Server): string | undefined {
  const schedule = scheduleOf(server);
  return schedule && scheduleWords(schedule, env.language);
}

/** `Next backup: 25 Nov 2026, 07:00`. */
export function nextText(server: Server): string | undefined {
  const next = scheduleOf(server)?.nextAfter(systemClock.now());
  return next === undefined ? undefined : l10n.t('Next backup: {0}', momentText(next));
}
