import { describe, expect, it } from 'vitest';
import type { Difference, DifferenceKind } from '../../src/model/difference';
import { fromBytes, rootPath, type RemotePath } from '../../src/model/remotePath';
import { Changes, type ChangeNode } from '../../src/vscode/changes/changes';
import { filesBelow, rowsIn, type ChangeElement } from '../../src/vscode/changes/changeRows';

const comparison = { server: 'web', before: '2026-11-29T07-00-00Z', after: 'server' };

function path(text: string): RemotePath {
  return fromBytes(Buffer.from(text, 'latin1'));
}

function difference(kind: DifferenceKind, at: string, type: 'file' | 'directory' = 'file') {
  const side = { type, size: 1, sha256: 'aa' };
  const before = kind === 'added' ? {} : { before: side };
  const after = kind === 'removed' ? {} : { after: side };
  return { kind, path: path(at), ...before, ...after } satisfies Difference;
}

function changesOf(differences: readonly Difference[], most?: number): Changes {
  const changes = new Changes(comparison, most);
  for (const one of differences) changes.add(one);
  return changes;
}

/** All rows that the view can reach, with their folders; ranges are opened. */
function pathsIn(changes: Changes): string[] {
  const paths: string[] = [];
  const visit = (element?: ChangeElement): void => {
    for (const row of rowsIn(changes, element)) {
      if (row.kind === 'change') paths.push(row.path);
      visit(row);
    }
  };
  visit();
  return paths;
}

function nodeAt(changes: Changes, at: string): ChangeNode {
  let node = changes.root;
  for (const name of at.split('/')) {
    const below = node.path === rootPath ? name : `${node.path}/${name}`;
    const found = node.children?.find((child) => child.path === below);
    if (!found) throw new Error(`There is no ${below}.`);
    node = found;
  }
  return node;
}

describe('the changes as a tree', () => {
  it('counts in each folder what is below it, and puts folders first', () => {
    const changes = changesOf([
      difference('changed', 'a.txt'),
      difference('added', 'b', 'directory'),
      difference('added', 'b/c.txt'),
      difference('removed', 'd/e/f.txt'),
    ]);
    expect(pathsIn(changes)).toEqual(['b', 'b/c.txt', 'd', 'd/e', 'd/e/f.txt', 'a.txt']);
    expect(changes.root.counts).toMatchObject({ added: 2, changed: 1, removed: 1, moved: 0 });
    expect(nodeAt(changes, 'b').counts).toMatchObject({ added: 2, changed: 0 });
    expect(nodeAt(changes, 'd').counts).toMatchObject({ removed: 1, added: 0 });
    expect(nodeAt(changes, 'd').row).toBeUndefined();
    expect(nodeAt(changes, 'a.txt').counts).toMatchObject({ changed: 1 });
  });

  it('takes a folder that comes after what is in it for the same one', () => {
    const changes = changesOf([
      difference('removed', 'old/a.txt'),
      difference('removed', 'old', 'directory'),
    ]);
    expect(pathsIn(changes)).toEqual(['old', 'old/a.txt']);
    expect(nodeAt(changes, 'old').counts).toMatchObject({ removed: 2 });
    expect(nodeAt(changes, 'old').row?.kind).toBe('removed');
  });

  it('gives the editor at most 500 rows at once, and loses none', () => {
    const names = Array.from({ length: 1234 }, (_, at) => `f/${String(at).padStart(5, '0')}.txt`);
    const changes = changesOf(names.map((name) => difference('added', name)));
    const rows = rowsIn(changes, nodeAt(changes, 'f'));
    expect(rows.map(({ kind }) => kind)).toEqual(['changeRange', 'changeRange', 'changeRange']);
    for (const row of rows) expect(rowsIn(changes, row).length).toBeLessThanOrEqual(500);
    expect(pathsIn(changes)).toEqual(['f', ...names]);
  });

  it('keeps a bounded number of rows, and counts the others', () => {
    const changes = changesOf(
      ['a', 'b', 'c', 'd'].map((name) => difference('changed', name)),
      3,
    );
    expect(pathsIn(changes)).toEqual(['a', 'b', 'c']);
    expect(changes.root.counts.changed).toBe(4);
    expect(rowsIn(changes).at(-1)).toEqual({ kind: 'unshownChanges', count: 1 });
  });

  it('finds the files below a row in the order of the view’s folders, as far as wanted', () => {
    const changes = changesOf([
      difference('changed', 'a/1'),
      difference('changed', 'a/2'),
      difference('metadata', 'a/3'),
      difference('changed', 'b/4'),
    ]);
    const isChanged = ({ row }: ChangeNode): boolean => row?.kind === 'changed';
    const all = filesBelow(changes.root, isChanged, 2);
    expect(all.nodes.map((node) => node.path)).toEqual(['a/1', 'a/2']);
    expect(all.more).toBe(1);
    const below = filesBelow(nodeAt(changes, 'b'), isChanged, 2);
    expect(below.nodes.map((node) => node.path)).toEqual(['b/4']);
  });
});
