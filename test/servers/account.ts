import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { quickFolder } from '../quickFolder.mts';

/** A system account that the tests log in with. Its home can be reached by the server programs. */
export interface Account {
  readonly name: string;
  readonly password: string;
  readonly home: string;
  readonly uid: number;
  readonly gid: number;
}

/** Makes the account if it is not there, and sets its password. Needs root. */
export function account(name = 'sauvegarde-test'): Account {
  const known = find(name) ?? create(name);
  // What is in memory is gone after a restart.
  if (mkdirSync(known.home, { recursive: true })) chownSync(known.home, known.uid, known.gid);
  const password = 'Correct-Horse 7';
  execFileSync('chpasswd', { input: `${name}:${password}\n` });
  return { ...known, name, password };
}

type Known = Pick<Account, 'home' | 'uid' | 'gid'>;

function find(name: string): Known | undefined {
  const { status, stdout } = spawnSync('getent', ['passwd', name], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const [, , uid, gid, , home = ''] = stdout.split(':');
  return { home, uid: Number(uid), gid: Number(gid) };
}

function create(name: string): Known {
  const home = path.join(quickFolder, name);
  execFileSync('useradd', ['--home-dir', home, '--create-home', '--shell', '/bin/bash', name]);
  const made = find(name);
  if (!made) throw new Error(`There is no account ${name}.`);
  return made;
}
