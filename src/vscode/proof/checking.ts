import { l10n } from 'vscode';
import { systemClock } from '../../base/clock';
import { BackupError } from '../../base/errors';
import { VerifyProgress } from '../../jobs/verify/snapshotCheck';
import type { Verified } from '../../jobs/verify/verified';
import { verify, type VerifyScope } from '../../jobs/verify/verify';
import type { Amount } from '../../model/amount';
import { endpointOf, type Server } from '../../model/configuration/server';
import { bytesText, grouped } from '../../report/figures';
import type { Proof } from '../../report/proofOutline';
import type { SnapshotSummary } from '../../store/store';
import type { Parts } from '../parts';
import { withProgress } from '../restore/withProgress';
import { dateText, filesText, momentText } from '../words';

/** What is to be looked at. */
export interface WantedProof {
  readonly server: Server;
  readonly scope: VerifyScope;
  /** Only so much of it. */
  readonly amount?: Amount;
  readonly repair: boolean;
  /** The snapshots that it is about, to tell how far it is; absent: it cannot be known. */
  readonly about?: readonly SnapshotSummary[];
}

/**
 * Looks, with progress that can be cancelled, and lets everything that shows damage know. What was found
 * up to a cancellation counts. Throws as `verify` does.
 */
export async function check(parts: Parts, wanted: WantedProof): Promise<Proof> {
  const { server, repair } = wanted;
  const verified: Verified[] = [];
  const started = systemClock.monotonic();
  const conclude = (cancelled: boolean): Proof => {
    const proof: Proof = {
      ...{ server: server.name, endpoint: endpointOf(server), repair, cancelled },
      finished: momentText(systemClock.now()),
      seconds: (systemClock.monotonic() - started) / 1000,
      snapshots: verified,
    };
    parts.proving.take(proof, verified);
    parts.proving.page.update(proof);
    return proof;
  };
  try {
    await look(parts, wanted, verified);
    return conclude(false);
  } catch (error) {
    if (verified.length > 0) conclude(true);
    throw error;
  } finally {
    await parts.runs.look();
    parts.snapshotsTree.refresh();
  }
}

async function look(
  parts: Parts,
  { server, scope, amount, repair, about }: WantedProof,
  verified: Verified[],
): Promise<void> {
  const { server: own, store } = parts.configuration.inFolder(server.name);
  const progress = new VerifyProgress();
  const files = about?.reduce((sum, { totals }) => sum + (totals?.files ?? 0), 0);
  const title = repair
    ? l10n.t('Repairing {0}', server.name)
    : l10n.t('Verifying {0}', server.name);
  const words = (): string => progressWords(progress, files);
  await withProgress(title, words, async (signal) => {
    const work = (environment: Parameters<typeof verify>[0]['environment']) =>
      verify({
        ...{ server: own, store, environment, signal, scope, repair, progress },
        ...(amount && { amount }),
        onVerified: (found) => verified.push(found),
      });
    // Only what is mended may have to be fetched again.
    if (repair) await parts.logins.during(true, work);
    else await work(parts.logins.withoutPerson());
  });
}

function progressWords({ snapshot, files, bytes }: VerifyProgress, of: number | undefined): string {
  const counted =
    of === undefined ? filesText(files) : l10n.t('{0}/{1} files', grouped(files), grouped(of));
  const date = snapshot === undefined ? [] : [dateText(snapshot)];
  return [...date, counted, bytesText(bytes)].join(', ');
}

/** What keeps a verification from being made, in words that tell it from a backup. */
export function busyWords(error: unknown, server: string): string | undefined {
  if (!(error instanceof BackupError) || error.kind !== 'locked') return undefined;
  return l10n.t(
    '{0}: a backup or another verification is under way. Try again when it has ended.',
    server,
  );
}
