import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { container } from '../../src/jobs/handover/kubernetes/fleet';

/** A command as a container of the image runs it. */
export interface ContainerRun {
  /** A folder for the root of its file system, made and removed here. */
  readonly root: string;
  /** Folders of this computer by the paths that they have in the container. */
  readonly mounts: Readonly<Record<string, { readonly from: string; readonly readOnly: boolean }>>;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const { uid, home, workspace, destination } = container;

/**
 * Runs the bundled program as the image and the job would have it: a root file system that cannot be written to,
 * the paths, the account, no capabilities and no way to get any. Of this computer it sees /usr and node.
 */
export async function runInContainer({ root, mounts, args, env }: ContainerRun) {
  fs.mkdirSync(root);
  const folders = ['usr', 'etc', 'proc', 'dev', 'tmp', 'app', workspace, destination, home];
  const script = `
set -e
root=$1; shift
mount -t tmpfs none "$root"
cd "$root"
mkdir -p ${[...folders, ...Object.keys(mounts)].map((folder) => `.${folder.startsWith('/') ? '' : '/'}${folder}`).join(' ')}
for link in bin lib lib64 sbin; do [ -e "/$link" ] && ln -s "usr/$link" "$link"; done
echo 'sauvegarde:x:${uid}:${uid}::${home}:/usr/sbin/nologin' > etc/passwd
echo 'sauvegarde:x:${uid}:' > etc/group
touch dev/null; mount --bind /dev/null dev/null
touch dev/urandom; mount --bind /dev/urandom dev/urandom
mount --bind /usr usr; mount -o remount,bind,ro usr
mount -t proc none proc
mount --bind "$1" app; mount -o remount,bind,ro app; shift
mount -t tmpfs -o mode=1777 none tmp
while [ "$1" != -- ]; do
  mount --bind "$2" ".$1"
  [ "$3" = ro ] && mount -o remount,bind,ro ".$1"
  shift 3
done
shift
mount -o remount,ro "$root"
exec chroot . /usr/bin/setpriv --reuid=${uid} --regid=${uid} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
`;
  const places = Object.entries(mounts).flatMap(([to, { from, readOnly }]) => [
    to,
    from,
    readOnly ? 'ro' : 'rw',
  ]);
  const program = [process.execPath, '/app/cli.js', ...args];
  const child = spawn(
    'unshare',
    [
      '--mount',
      '--pid',
      '--fork',
      '/bin/bash',
      '-c',
      script,
      'bash',
      root,
      path.resolve('dist'),
      ...places,
      '--',
      ...program,
    ],
    { env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const collected = { out: '', error: '' };
  child.stdout.on('data', (chunk: Buffer) => (collected.out += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (collected.error += chunk.toString('utf8')));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  fs.rmdirSync(root);
  return { code, ...collected };
}
