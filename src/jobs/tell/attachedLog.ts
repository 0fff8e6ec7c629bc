import type { Store } from '../../store/store';

/** Of a longer log, so many bytes of the beginning and of the end are attached: mail servers take little. */
const longestEnd = 1024 * 1024;

/** What a run or a restore has logged, for a mail. Undefined if it cannot be read. */
export async function attachedLog(store: Store, file: string): Promise<Buffer | undefined> {
  try {
    const size = store.disk.stat(file)?.size;
    if (size === undefined) return undefined;
    if (size <= 2 * longestEnd) return await read(store, file, 0, size);
    const left = `\n… ${size - 2 * longestEnd} bytes are left out …\n`;
    return Buffer.concat([
      await read(store, file, 0, longestEnd),
      Buffer.from(left, 'utf8'),
      await read(store, file, size - longestEnd, longestEnd),
    ]);
  } catch {
    return undefined;
  }
}

async function read({ disk }: Store, file: string, start: number, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let read = 0;
  for await (const chunk of disk.readFile(file, start)) {
    chunks.push(chunk);
    read += chunk.length;
    if (read >= length) break;
  }
  return Buffer.concat(chunks).subarray(0, length);
}
