import type { Disk, DiskPath, OpenFile } from '../../src/store/disk';
import { nodeDisk } from '../../src/store/nodeDisk';
import type { Recording } from './recording';

/** The real disk, recorded, of which nothing is really synced. */
export function recordedDisk(recording: Recording): Disk {
  const opened = (file: OpenFile, path: DiskPath): OpenFile => ({
    write: async (chunks, position) => {
      await file.write(chunks, position);
      recording.written(path, position, Buffer.concat(chunks));
    },
    read: (position, length) => file.read(position, length),
    truncate: async (size) => {
      await file.truncate(size);
      recording.sized(path, size);
    },
    seal: async (attributes) => {
      const stat = await file.seal(attributes);
      recording.attributed(path, attributes);
      return stat;
    },
    sync: () => {
      recording.synced(path);
      return Promise.resolve();
    },
    close: () => file.close(),
  });
  const sync = (path: DiskPath, all = false): Promise<void> => {
    recording.synced(path, all);
    return Promise.resolve();
  };
  return {
    ...nodeDisk,
    createFile: (path, content, attributes) => {
      const stat = nodeDisk.createFile(path, content, attributes);
      recording.made(path);
      return stat;
    },
    startCreating: () => undefined,
    openFile: async (path, mode) => {
      const file = await nodeDisk.openFile(path, mode);
      recording.made(path);
      return opened(file, path);
    },
    link: (from, to) => {
      nodeDisk.link(from, to);
      recording.linked(from, to);
    },
    clone: async (from, to) => {
      await nodeDisk.clone(from, to);
      recording.made(to);
    },
    copy: async (from, to) => {
      await nodeDisk.copy(from, to);
      recording.made(to);
    },
    setAttributes: (path, attributes) => {
      nodeDisk.setAttributes(path, attributes);
      recording.attributed(path, attributes);
    },
    makeFolder: (path) => {
      nodeDisk.makeFolder(path);
      recordFolders(recording, path);
    },
    rename: async (from, to) => {
      await nodeDisk.rename(from, to);
      recording.renamed(from, to);
    },
    removeFile: (path) => {
      nodeDisk.removeFile(path);
      recording.removed(path);
    },
    remove: async (path) => {
      await nodeDisk.remove(path);
      recording.removed(path);
    },
    syncTree: (path) => sync(path, true),
    syncFile: (path) => sync(path),
    syncFolder: (path) => sync(path),
  };
}

/** A folder, and those above it that were made with it. */
function recordFolders(recording: Recording, path: DiskPath): void {
  const bytes = Buffer.from(path);
  for (let end = bytes.indexOf(47, 1); end >= 0; end = bytes.indexOf(47, end + 1)) {
    recording.made(bytes.subarray(0, end));
  }
  recording.made(path);
}
