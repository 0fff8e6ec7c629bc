import fs from 'node:fs';
import path from 'node:path';
import { BackupError, messageOf, systemCode } from '../base/errors';
import { withDestination } from './destination';
import {
  configurationError,
  parseConfiguration,
  type Configuration,
} from '../model/configuration/parse';

/** Where the configuration file stands in a workspace folder. */
export const configurationFile = path.join('.vscode', 'sauvegarde.json');

export interface Workspace {
  /** Absolute path of the configuration file. */
  readonly file: string;
  readonly text: string;
  readonly configuration: Configuration;
}

/**
 * Reads the configuration of a workspace folder. Throws `configuration` with every fault it has.
 *
 * @param destination where the stores are instead, as an absolute path
 */
export function readWorkspace(folder: string, destination?: string): Workspace {
  const root = path.resolve(folder);
  const file = path.join(root, configurationFile);
  const text = readText(file, root);
  const parsed = parseConfiguration(text, root);
  if (!parsed.configuration) throw configurationError(file, parsed.faults);
  return { file, text, configuration: withDestination(parsed.configuration, destination) };
}

function readText(file: string, root: string): string {
  try {
    return fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') {
      throw new BackupError('configuration', `${file} cannot be read: ${messageOf(error)}.`);
    }
    const advice = fs.existsSync(root)
      ? `There is no ${configurationFile} in ${root}. Name the workspace folder with -C, or write the file.`
      : `The workspace folder ${root} does not exist. Name the right one with -C.`;
    throw new BackupError('configuration', advice, { cause: error });
  }
}
