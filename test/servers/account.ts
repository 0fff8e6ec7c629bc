import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

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
  const home = `/srv/${name}`;
  mkdirSync('/srv', { recursive: true });
  try {
    execFileSync('id', [name], { stdio: 'ignore' });
  } catch {
    execFileSync('useradd', ['--home-dir', home, '--create-home', '--shell', '/bin/bash', name]);
  }
  const password = 'Correct-Horse 7';
  execFileSync('chpasswd', { input: `${name}:${password}\n` });
  const id = (flag: string): number => Number(execFileSync('id', [flag, name]).toString());
  return { name, password, home, uid: id('-u'), gid: id('-g') };
}
