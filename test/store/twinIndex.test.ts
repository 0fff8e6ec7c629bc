import { describe, expect, it } from 'vitest';
import { TwinIndex } from '../../src/store/twinIndex';

const file = (size: number, mtime: number, name: string) => ({ size, mtime, name });

describe('the index of files by size and time', () => {
  it('finds the one of the same name first', () => {
    const index = new TwinIndex();
    for (let at = 0; at < 20; at += 1) index.add(file(1000, 5, `file${at}`), at);
    expect(index.find(file(1000, 5, 'file7'))).toContain(7);
    expect(index.find(file(1000, 5, 'file7'))[0]).toBe(7);
    expect(index.find(file(1000, 5, 'renamed'))).toHaveLength(1);
    expect(index.find(file(1001, 5, 'file7'))).toEqual([]);
  });

  it('finds nearly all of a million files, and answers at once where all are alike', () => {
    const index = new TwinIndex();
    const files = 1_000_000;
    for (let at = 0; at < files; at += 1) index.add(file(at % 50_000, at, `${at}`), at);
    let found = 0;
    for (let at = 0; at < files; at += 1000) {
      if (index.find(file(at % 50_000, at, `${at}`))[0] === at) found += 1;
    }
    expect(found).toBeGreaterThan(990);
    const alike = new TwinIndex();
    for (let at = 0; at < files; at += 1) alike.add(file(4096, -5.5, `${at}`), at);
    expect(alike.find(file(4096, -5.5, 'other'))).toHaveLength(1);
  });
});
