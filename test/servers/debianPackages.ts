/**
 * Servers from Debian, unpacked into a cache folder instead of being installed: several of them exclude
 * one another, and none must start by itself. Only their libraries are installed.
 */
import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * The folder that the packages are unpacked in, after fetching them unless that was done before. Throws
 * one line where it cannot.
 * @param name of the folder in the cache
 */
export function unpackedPackages(
  name: string,
  packages: readonly string[],
  libraries: readonly string[],
): string {
  const cache = join(repository, '.cache', name);
  const unpacked = join(cache, 'unpacked');
  if (!existsSync(unpacked)) unpack(cache, unpacked, packages, libraries);
  return unpacked;
}

function unpack(
  cache: string,
  unpacked: string,
  packages: readonly string[],
  libraries: readonly string[],
): void {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`The tests need ${packages.join(', ')}: run them as root on Debian 12.`);
  }
  // Several test files may start at the same time: each works in a folder of its own, and the
  // first to rename it wins.
  const work = join(cache, `work-${process.pid}`);
  const tree = join(work, 'tree');
  mkdirSync(tree, { recursive: true });
  try {
    withLists(() => run('apt-get', ['download', '-qq', ...packages], { cwd: work }));
    withLists(() => installLibraries(libraries));
    for (const file of readdirSync(work).filter((found) => found.endsWith('.deb'))) {
      run('dpkg', ['-x', join(work, file), tree], {});
    }
    if (!existsSync(unpacked)) renameSync(tree, unpacked);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function installLibraries(libraries: readonly string[]): void {
  run('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...libraries], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/** Runs an apt command; if it fails, once more with fresh package lists. */
function withLists(command: () => void): void {
  try {
    command();
  } catch {
    run('apt-get', ['update', '-qq'], {});
    command();
  }
}

function run(program: string, args: readonly string[], options: ExecFileSyncOptions): void {
  try {
    execFileSync(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const output = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error);
    throw new Error(`${basename(program)} failed: ${output}`, { cause: error });
  }
}
