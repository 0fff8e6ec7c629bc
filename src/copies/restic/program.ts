import { existsSync } from 'node:fs';
import path from 'node:path';
import { BackupError } from '../../base/errors';
import { runProcess } from './process';

/** What is needed of it came with 0.14: `--parent` with `--ignore-ctime`, and a summary in JSON. */
const oldest = { major: 0, minor: 14 };
const deadline = 60_000;

/** The person's restic. */
export interface Program {
  /** Absolute path. */
  readonly file: string;
  /** `0.14.0` */
  readonly version: string;
}

/**
 * Finds restic by the `PATH`. Only absolute folders of it count: restic runs within a snapshot, and what was
 * backed up of a server must not be run. Throws `configuration` if there is none, or one that is too old.
 */
export async function findProgram(
  variables: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Program> {
  const file = lookUp(variables);
  if (file === undefined) {
    throw new BackupError(
      'configuration',
      'Off-site copies need restic, which is not on the PATH. Install it (Debian: apt install restic; macOS: brew install restic; others: https://restic.net).',
    );
  }
  const { out } = await runProcess({
    ...{ file, args: ['version'], cwd: path.dirname(file), variables, signal },
    limits: { silence: deadline, whole: deadline },
  });
  const [, version = '', major, minor] = /^restic (v?(\d+)\.(\d+)[^\s]*)/m.exec(out) ?? [];
  const isOldEnough =
    Number(major) > oldest.major ||
    (Number(major) === oldest.major && Number(minor) >= oldest.minor);
  if (isOldEnough) return { file, version };
  throw new BackupError(
    'configuration',
    `${file} is ${version === '' ? 'no restic that we know' : `restic ${version}`}. Off-site copies need 0.14 or newer: update it.`,
  );
}

function lookUp(variables: NodeJS.ProcessEnv): string | undefined {
  const isWindows = process.platform === 'win32';
  // Windows knows it under any case.
  const name = Object.keys(variables).find((one) =>
    isWindows ? one.toUpperCase() === 'PATH' : one === 'PATH',
  );
  const folders = (name === undefined ? '' : (variables[name] ?? '')).split(path.delimiter);
  return folders
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, isWindows ? 'restic.exe' : 'restic'))
    .find((file) => existsSync(file));
}
