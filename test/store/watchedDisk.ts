import type { Disk, OpenFile } from '../../src/store/disk';
import { nodeDisk } from '../../src/store/nodeDisk';

/** Called before each operation of the disk, with its name and what it is about; may throw or kill. */
export type BeforeOperation = (operation: string, about: string) => void;
export type AfterOperation = BeforeOperation;

const nothing = (): void => undefined;

/**
 * The real disk with a look at every operation, those of open files included. Nothing is synced: that
 * is for power cuts, and costs the tests their time.
 */
export function watchedDisk(
  before: BeforeOperation,
  after: AfterOperation = nothing,
  base: Disk = nodeDisk,
): Disk {
  const now = <T>(name: string, about: unknown, operation: () => T): T => {
    before(name, String(about));
    const result = operation();
    after(name, String(about));
    return result;
  };
  const later = async <T>(
    name: string,
    about: unknown,
    operation: () => Promise<T>,
  ): Promise<T> => {
    before(name, String(about));
    const result = await operation();
    after(name, String(about));
    return result;
  };
  const watchedFile = (file: OpenFile, path: unknown): OpenFile => ({
    write: (chunks, position) => later('write', path, () => file.write(chunks, position)),
    read: (position, length) => later('read', path, () => file.read(position, length)),
    truncate: (size) => later('truncate', path, () => file.truncate(size)),
    seal: (attributes) => later('seal', path, () => file.seal(attributes)),
    sync: () => later('sync', path, () => Promise.resolve()),
    close: () => file.close(),
  });
  return {
    createFile: (path, content, attributes) =>
      now('createFile', path, () => base.createFile(path, content, attributes)),
    startCreating: () => undefined,
    openFile: async (path, mode) => {
      before('openFile', path.toString());
      const file = await base.openFile(path, mode);
      try {
        after('openFile', path.toString());
      } catch (error) {
        await file.close();
        throw error;
      }
      return watchedFile(file, path);
    },
    readFile: (path, start) => {
      before('readFile', path.toString());
      return base.readFile(path, start);
    },
    look: (path, size) => now('look', path, () => base.look(path, size)),
    startLooking: () => undefined,
    readWhole: (path, longest) => now('readWhole', path, () => base.readWhole(path, longest)),
    readEnd: (path, longest) => now('readEnd', path, () => base.readEnd(path, longest)),
    stat: (path) => now('stat', path, () => base.stat(path)),
    space: (folder) => now('space', folder, () => base.space(folder)),
    link: (from, to) => now('link', to, () => base.link(from, to)),
    clone: (from, to) => later('clone', to, () => base.clone(from, to)),
    copy: (from, to) => later('copy', to, () => base.copy(from, to)),
    setAttributes: (path, attributes) =>
      now('setAttributes', path, () => base.setAttributes(path, attributes)),
    makeFolder: (path) => now('makeFolder', path, () => base.makeFolder(path)),
    namesIn: (path) => later('namesIn', path, () => base.namesIn(path)),
    nodesIn: (path) => {
      before('nodesIn', path.toString());
      return base.nodesIn(path);
    },
    rename: (from, to) => later('rename', to, () => base.rename(from, to)),
    removeFile: (path) => now('removeFile', path, () => base.removeFile(path)),
    remove: (path) => later('remove', path, () => base.remove(path)),
    syncTree: (path) => later('syncTree', path, () => Promise.resolve()),
    syncFile: (path) => later('syncFile', path, () => Promise.resolve()),
    syncFolder: (path) => later('syncFolder', path, () => Promise.resolve()),
  };
}
