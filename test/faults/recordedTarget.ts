import { open, type FileHandle } from 'node:fs/promises';
import type { RemotePath } from '../../src/model/remotePath';
import { diskPath } from '../../src/sources/local/diskPath';
import type { Target } from '../../src/targets/target';
import type { Recording } from './recording';

/** A target on this computer, recorded. It writes one file at a time, so that each sync is known to be that file's. */
export async function recordedTarget(
  recording: Recording,
): Promise<{ wrap: (target: Target) => Target } & Disposable> {
  const syncs = await watchSyncs();
  const after: Record<string, (...places: RemotePath[]) => void> = {
    upload: (place) => {
      recording.made(diskPath(place));
      if (syncs.count > 0) recording.synced(diskPath(place));
      syncs.count = 0;
    },
    makeLink: (place) => recording.made(diskPath(place)),
    replace: (from, to) => recording.renamed(diskPath(from), diskPath(to)),
    makeFolder: (place) => recording.made(diskPath(place)),
    removeFile: (place) => recording.removed(diskPath(place)),
    removeFolder: (place) => recording.removed(diskPath(place)),
  };
  const wrap = (target: Target): Target =>
    new Proxy(target, {
      get(_target, name) {
        if (name === 'writingWidth') return 1;
        const found: unknown = Reflect.get(target, name, target);
        const told = typeof name === 'string' ? after[name] : undefined;
        if (typeof found !== 'function' || !told) return found;
        return async (...parameters: unknown[]) => {
          await (found as (...all: unknown[]) => Promise<void>).apply(target, parameters);
          told(...(parameters as RemotePath[]));
        };
      },
    });
  return { wrap, [Symbol.dispose]: syncs.end };
}

/** Counts the fsyncs of files that are opened by Node's promises. */
async function watchSyncs(): Promise<{ count: number; end: () => void }> {
  const file = await open('/dev/null');
  const handles = Object.getPrototypeOf(file) as FileHandle;
  await file.close();
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with a handle below
  const { sync } = handles;
  const syncs = {
    count: 0,
    end: () => {
      handles.sync = sync;
    },
  };
  handles.sync = function (this: FileHandle) {
    syncs.count += 1;
    return sync.call(this);
  };
  return syncs;
}
