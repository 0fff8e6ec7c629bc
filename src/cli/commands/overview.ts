import path from 'node:path';
import { english } from '../../base/localization';
import { overviewOf } from '../../jobs/overview/overviewOf';
import type { Overview, ServerOverview } from '../../model/overview/overview';
import { countText } from '../../report/figures';
import { exitCode, type ExitCode } from '../exitCodes';
import { selectServer } from '../selectServers';
import type { Session } from '../session';
import { writeWholeFile } from '../wholeFile';

/**
 * `sauvegarde overview [-o FILE.html]`: the page of all servers, into a file or to standard output; with
 * `--json` a line for each server, and the page only into a file.
 */
export async function overviewCommand(session: Session, file?: string): Promise<ExitCode> {
  const { output, clock, signal } = session;
  const { configuration } = session.workspace;
  const overview = await overviewOf({
    servers: [...configuration.servers.values()],
    storeOf: (server) => session.store(server),
    ...{ clock, signal, mayWrite: true },
  });
  for (const server of overview.servers) output.event(eventOf(server));
  if (file === undefined) {
    if (!output.options.json) await output.print(await pageOf(session, overview, '.'));
    return exitCode.done;
  }
  const place = path.resolve(file);
  await writeWholeFile(place, await pageOf(session, overview, path.dirname(place)), 'The page');
  output.note(`${place}: ${countText(overview.servers.length, 'server')}`);
  return exitCode.done;
}

/** @param folder in which it will stand */
async function pageOf(session: Session, overview: Overview, folder: string): Promise<string> {
  const { configuration } = session.workspace;
  // Loaded here: no other command draws.
  const [{ overviewPage }, { fileLinks }] = await Promise.all([
    import('../../report/overview/overviewPage'),
    import('../../report/overview/fileLinks'),
  ]);
  const links = fileLinks(
    path.resolve(folder),
    (name) => session.store(selectServer(configuration, name)).layout,
  );
  return await overviewPage(overview, { l10n: english, language: 'en-GB', links });
}

function eventOf({
  name,
  standing,
  lastGood,
  nextDue,
  proven,
  newest,
  copies,
}: ServerOverview): Record<string, unknown> {
  const iso = (moment: number): string => new Date(moment).toISOString();
  return {
    ...{ event: 'overview', server: name, state: standing.state },
    ...(lastGood !== undefined && { lastGood: iso(lastGood) }),
    ...(nextDue !== undefined && { nextDue: iso(nextDue) }),
    ...(proven && { provenSince: iso(proven.since), provenSnapshot: proven.snapshot }),
    ...(newest && { snapshot: newest.id, files: newest.files, bytes: newest.bytes }),
    ...(copies && {
      copies: copies.map(({ copied, proven: since, ...rest }) => ({
        ...rest,
        ...(copied !== undefined && { copied: iso(copied) }),
        ...(since !== undefined && { provenSince: iso(since) }),
      })),
    }),
  };
}
