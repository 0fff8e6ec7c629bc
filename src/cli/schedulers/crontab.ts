import { BackupError } from '../../base/errors';
import { blockOf, serversIn, withBlock, withoutBlock } from '../../jobs/handover/crontab';
import { runTool, runToolWell } from './runTool';
import type { SystemScheduler } from './systemScheduler';

/** The crontab of the user. Nothing but our own block is touched. */
export const crontab: SystemScheduler = {
  name: 'crontab',

  async install(handover, signal) {
    await change((text) => withBlock(text, handover), signal);
  },

  async installed(workspace, signal) {
    return serversIn(blockOf(await read(signal), workspace) ?? []);
  },

  async remove(workspace, signal) {
    await change((text) => withoutBlock(text, workspace), signal);
  },
};

/** Exit code 1 with "no crontab for …" is an empty one; any other failure must not be taken for it. */
async function read(signal: AbortSignal): Promise<string> {
  const { code, out, error } = await runTool('crontab', ['-l'], signal);
  if (code === 0) return out;
  if (/no crontab for/i.test(error)) return '';
  throw new BackupError('configuration', `The crontab cannot be read: ${error.trim()}`);
}

async function change(edit: (text: string) => string, signal: AbortSignal): Promise<void> {
  const before = await read(signal);
  const after = edit(before);
  if (after !== before) await runToolWell('crontab', ['-'], signal, after);
}
