import { homedir } from 'node:os';
import path from 'node:path';
import { localFolder } from '../../model/configuration/repositoryAddress';

/** Names one way or another in which a person gave restic its password. */
const passwordVariables = ['RESTIC_PASSWORD', 'RESTIC_PASSWORD_FILE', 'RESTIC_PASSWORD_COMMAND'];

export function hasPassword(variables: NodeJS.ProcessEnv): boolean {
  return passwordVariables.some((name) => variables[name] !== undefined);
}

/**
 * What restic sees of the environment: the person's own variables for it and for the cloud, none of our
 * secrets but the one that it needs. Nothing of that is ever an argument, which every user of a computer
 * can see.
 */
export function resticVariables(
  parent: NodeJS.ProcessEnv,
  repository: string,
  password: string | undefined,
): NodeJS.ProcessEnv {
  const left = Object.entries(parent).filter(
    ([name]) =>
      !name.startsWith('SAUVEGARDE_') &&
      !name.startsWith('RESTIC_REPOSITORY') &&
      (password === undefined || !passwordVariables.includes(name)),
  );
  return {
    ...Object.fromEntries(left),
    ...(password !== undefined && { RESTIC_PASSWORD: password }),
    RESTIC_REPOSITORY: withHome(repository),
    RESTIC_PROGRESS_FPS: '2',
    // `--time` is read in it, and its texts are told apart.
    ...{ TZ: 'UTC', LC_ALL: 'C' },
  };
}

/** restic takes `~` for a name. */
function withHome(repository: string): string {
  const folder = localFolder(repository);
  return folder !== undefined && /^~[/\\]/.test(folder)
    ? path.join(homedir(), folder.slice(2))
    : repository;
}
