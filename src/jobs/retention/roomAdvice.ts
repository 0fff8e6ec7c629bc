import { BackupError } from '../../base/errors';
import { bytesText, countText } from '../../report/figures';
import { planRetention, type RetentionOptions } from './retention';

/** An error that says that the disk is full says as well what the retention would free; others stay. */
export async function withRoomAdvice(error: unknown, options: RetentionOptions): Promise<unknown> {
  if (!(error instanceof BackupError) || error.kind !== 'disk-full') return error;
  const advice = await adviceOf(options).catch(() => undefined);
  if (advice === undefined) return error;
  return new BackupError('disk-full', `${error.message} ${advice}`, { cause: error, scope: 'run' });
}

async function adviceOf(options: RetentionOptions): Promise<string> {
  const { name, unattended } = options.server;
  if (!unattended?.keep) {
    return 'Without "keep" in the configuration all snapshots stay: with it, old ones make room.';
  }
  const { decisions, freeing, suspicions } = await planRetention(options);
  const going = decisions.filter(({ keep }) => !keep).length;
  const [suspicion] = suspicions;
  if (suspicion) {
    return `Retention stands still, as ${suspicion.snapshot} is suspicious. If it is right: sauvegarde accept ${name}`;
  }
  if (going === 0) return 'Retention has nothing to remove: "keep" keeps all snapshots there are.';
  return `Retention would free ${bytesText(freeing.total)} (${countText(going, 'snapshot')}): sauvegarde prune ${name}`;
}
