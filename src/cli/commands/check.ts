import { BackupError } from '../../base/errors';
import { checkServer, type CheckResult } from '../../jobs/connect/checkServer';
import { bytesText, countText } from '../../report/figures';
import { exitCode, exitCodeOf, worstOf, type ExitCode } from '../exitCodes';
import { shown } from '../output';
import type { Session } from '../session';
import { selectServers } from '../selectServers';

/** `sauvegarde check [SERVER…]`: log in, list the included paths, say what would be backed up. */
export async function checkCommand(session: Session, names: readonly string[]): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  for (const server of selectServers(session.workspace.configuration, names)) {
    if (session.signal.aborted) break;
    try {
      const result = await checkServer(server, session.environment(server), session.signal);
      session.output.result(wordsOf(server.name, result), {
        event: 'checked',
        server: server.name,
        ...result,
      });
      codes.push(result.skipped.length > 0 ? exitCode.skipped : exitCode.done);
    } catch (error) {
      session.output.failure(server.name, error);
      codes.push(exitCodeOf(error instanceof BackupError ? error.kind : 'protocol'));
    }
  }
  return worstOf(codes);
}

function wordsOf(server: string, result: CheckResult): string {
  const what = [
    `${countText(result.files, 'file')}, ${bytesText(result.bytes)}`,
    countText(result.directories, 'folder'),
    countText(result.symlinks, 'link'),
  ];
  const skipped = result.skipped.map(
    ({ path, kind, message }) => `  cannot be read: ${shown(path)} (${kind}): ${shown(message)}`,
  );
  const modules = result.modules?.map((name) => `  module: /${shown(name)}`) ?? [];
  const found = `${server}: login works; a backup would hold ${what.join(', ')}.`;
  const warnings = result.warnings.map((message) => `  warning: ${shown(message)}`);
  return [found, ...warnings, ...modules, ...skipped].join('\n');
}
