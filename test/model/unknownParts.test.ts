import { describe, expect, it } from 'vitest';
import { remotePath, type RemotePath } from '../../src/model/remotePath';
import { UnknownParts } from '../../src/model/unknownParts';

const path = (text: string): RemotePath => remotePath(text);

describe('what a scan leaves unknown', () => {
  it('is all below a folder that could not be listed', () => {
    const unknown = new UnknownParts();
    unknown.addAll(path('a'));
    const found = ['a', 'a/x', 'a/x/y', 'ab', 'b'].map((one) => unknown.has(path(one)));
    expect(found).toEqual([true, true, true, false, false]);
  });

  it('is what is missing directly from a folder that is partly known, with all below it', () => {
    const unknown = new UnknownParts();
    unknown.addPartly(path('a'));
    // `a/b` was met: what is missing from it is gone.
    const missing = ['a/b/x', 'a/c', 'a/c/d', 'a/c/d/e', 'a/f', 'b', 'b/c'];
    const found = missing.map((one) => unknown.has(path(one)));
    expect(found).toEqual([false, true, true, true, true, false, false]);
  });

  it('may be one in the other, the root too', () => {
    const unknown = new UnknownParts();
    unknown.addPartly(path(''));
    unknown.addPartly(path('a'));
    expect(unknown.has(path('a/x'))).toBe(true);
    unknown.addPartly(path('a/y'));
    expect(unknown.has(path('a/y/z'))).toBe(true);
    expect(unknown.has(path('a/z/z'))).toBe(false);
    expect(unknown.has(path('b'))).toBe(true);
    unknown.addAll(path('c'));
    expect(unknown.has(path('c/d'))).toBe(true);
    expect(unknown.has(path('d/e'))).toBe(false);
  });
});
