import type { MemoryServer } from '../sources/memoryServer';

/** Six hundred small files, half of which are others in each version. */
export function addManyFiles(server: MemoryServer, version: number): void {
  for (let file = 0; file < 600; file += 1) {
    const state = file % 2 === 0 ? version : 0;
    const content = `content ${file}, ${state} `.repeat(file % 70);
    server.file(`data/${file % 9}/f${file}`, content, { mtime: 1_600_000_000 + state });
  }
}
