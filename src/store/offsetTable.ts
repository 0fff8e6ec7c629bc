const blockLength = 16_384;

/** A number for each of many consecutive keys, in eight bytes each. */
export class OffsetTable {
  readonly #blocks: (Float64Array | undefined)[] = [];

  set(key: number, value: number): void {
    const block = (this.#blocks[Math.floor(key / blockLength)] ??= new Float64Array(
      blockLength,
    ).fill(-1));
    block[key % blockLength] = value;
  }

  get(key: number): number | undefined {
    const value = this.#blocks[Math.floor(key / blockLength)]?.[key % blockLength];
    return value === undefined || value < 0 ? undefined : value;
  }
}
