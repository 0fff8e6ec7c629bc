import type { FileHandle } from 'node:fs/promises';

export interface BasisPart {
  readonly file: FileHandle;
  /** Bytes of it that count, from its first on. */
  readonly size: number;
}

/** The bytes of a basis: of one file, or of several behind one another. */
export class BasisBytes {
  readonly size: number;
  readonly #parts: readonly BasisPart[];

  constructor(parts: readonly BasisPart[]) {
    this.#parts = parts;
    this.size = parts.reduce((sum, part) => sum + part.size, 0);
  }

  /** Fills the buffer from `position` on. False if a file has become shorter. */
  async fill(buffer: Buffer, position: number): Promise<boolean> {
    let filled = 0;
    let start = 0;
    for (const { file, size } of this.#parts) {
      const from = position + filled - start;
      const length = Math.min(size - from, buffer.length - filled);
      if (length > 0) {
        if (!(await readFully(file, buffer.subarray(filled, filled + length), from))) return false;
        filled += length;
      }
      start += size;
    }
    return filled === buffer.length;
  }

  async close(): Promise<void> {
    for (const { file } of this.#parts) await file.close();
  }
}

async function readFully(file: FileHandle, buffer: Buffer, position: number): Promise<boolean> {
  for (let filled = 0; filled < buffer.length;) {
    const rest = buffer.length - filled;
    const { bytesRead } = await file.read(buffer, filled, rest, position + filled);
    if (bytesRead === 0) return false;
    filled += bytesRead;
  }
  return true;
}
