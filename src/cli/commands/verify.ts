import { BackupError } from '../../base/errors';
import { VerifyProgress } from '../../jobs/verify/snapshotCheck';
import type { Verified } from '../../jobs/verify/verified';
import { verify, type VerifyScope } from '../../jobs/verify/verify';
import type { Server } from '../../model/configuration/server';
import type { Amount } from '../../model/amount';
import { bytesText, countText, durationText } from '../../report/figures';
import { exitCode, exitCodeOf, worstOf, type ExitCode } from '../exitCodes';
import { shown } from '../output';
import { VerifyLine } from '../verifyLine';
import { selectServers } from '../selectServers';
import { selectSnapshot } from '../selectSnapshot';
import type { Session } from '../session';

export interface VerifyArguments {
  readonly snapshot?: string;
  readonly all?: boolean;
  readonly sample?: Amount;
  readonly for?: Amount;
  readonly repair?: boolean;
}

/** `sauvegarde verify [SERVER…]`: reads snapshots again and compares them with their manifests. */
export async function verifyCommand(
  session: Session,
  names: readonly string[],
  options: VerifyArguments,
): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  for (const server of selectServers(session.workspace.configuration, names)) {
    if (session.signal.aborted) break;
    try {
      codes.push(await verifyServer(session, server, options));
    } catch (error) {
      session.output.failure(server.name, error);
      codes.push(exitCodeOf(error instanceof BackupError ? error.kind : 'protocol'));
    }
  }
  return worstOf(codes);
}

async function verifyServer(
  session: Session,
  server: Server,
  options: VerifyArguments,
): Promise<ExitCode> {
  const { output, signal, clock } = session;
  const store = session.store(server);
  const scope = await scopeOf(session, server, options);
  const progress = new VerifyProgress();
  const quiet = output.options.quiet || output.options.json || output.terminal.error.isTTY !== true;
  using line = quiet ? undefined : new VerifyLine(output.terminal, progress, clock, server.name);
  const amount = options.sample ?? options.for;
  const verified = await verify({
    ...{ server, store, signal, scope, progress },
    environment: session.environment(server),
    repair: options.repair ?? false,
    ...(amount && { amount }),
    onVerified: (found) => {
      line?.clear();
      printVerified(session, found);
    },
  });
  if (verified.length === 0) output.note(`${server.name}: nothing to verify yet`);
  return verified.some(({ status }) => status === 'damaged') ? exitCode.damaged : exitCode.done;
}

/** One snapshot in words, or as an event. */
export function printVerified(session: Pick<Session, 'output'>, verified: Verified): void {
  session.output.result(wordsOf(verified), verifiedEvent(verified));
}

export function verifiedEvent(verified: Verified): Record<string, unknown> {
  return { event: 'verified', ...verified };
}

async function scopeOf(
  session: Session,
  server: Server,
  { snapshot, all }: VerifyArguments,
): Promise<VerifyScope> {
  if (all) return 'all';
  if (snapshot === undefined) return 'newest';
  return { snapshots: [await selectSnapshot(session.store(server), server.name, snapshot)] };
}

function wordsOf(verified: Verified): string {
  const { server, snapshot, status, checkedFiles, checkedBytes, seconds } = verified;
  const { damaged, damagedCount } = verified;
  const repaired = damaged.filter((damage) => damage.repaired).length;
  const verdict = status === 'damaged' ? 'DAMAGED' : damagedCount > 0 ? 'whole again' : 'whole';
  const lines = [
    `${server}: snapshot ${snapshot} is ${verdict}. ${countText(checkedFiles, 'file')} checked, ` +
      `${bytesText(checkedBytes)} read, in ${durationText(seconds)}.`,
    ...damaged.map(({ path, kind, repaired: isRepaired, message }) => {
      const about = message === undefined ? '' : `: ${shown(message)}`;
      return `  ${isRepaired ? 'repaired' : 'damaged '}  ${shown(path)} (${kind})${about}`;
    }),
  ];
  if (damagedCount > damaged.length) {
    lines.push(`  … and ${damagedCount - damaged.length} more`);
  }
  if (status === 'damaged' && repaired === 0) {
    lines.push(`  Mend what can be mended with: sauvegarde verify ${server} --repair`);
  }
  return lines.join('\n');
}
