import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action, PlannedAction } from '../../src/jobs/restore/plannedAction';
import { compareInFolderOrder, fromBytes, type RemotePath } from '../../src/model/remotePath';
import { RestorePlan, type PlanNode } from '../../src/vscode/restore/plan';
import { elementsIn, mostAtOnce, type PlanElement } from '../../src/vscode/restore/planRows';

function path(text: string): RemotePath {
  return fromBytes(Buffer.from(text, 'latin1'));
}

function planned(at: RemotePath, action: Action = 'create', mtime = 0): PlannedAction {
  const entry = { path: at, type: 'file' as const, size: 1, mtime: 0 };
  const before = { path: at, type: 'file' as const, size: 1, mtime, granularity: 1 };
  return { action, entry, place: at, ...(action !== 'create' && { before }) };
}

function planOf(paths: readonly string[], chosen: readonly string[] = []): RestorePlan {
  const plan = new RestorePlan(chosen.map(path));
  for (const at of paths.map(path).sort(compareInFolderOrder)) plan.add(planned(at));
  return plan;
}

/** All entries that the view can reach, and the most rows that one step down has given. */
function shownBy(plan: RestorePlan): { readonly nodes: PlanNode[]; readonly most: number } {
  const nodes: PlanNode[] = [];
  let most = 0;
  const visit = (element?: PlanElement): void => {
    const below = elementsIn(plan, element);
    most = Math.max(most, below.length);
    for (const child of below) {
      if (child.kind === 'planned') nodes.push(child.node);
      visit(child);
    }
  };
  visit();
  return { nodes, most };
}

describe('the plan of a restore as a tree', () => {
  it('gives few of a hundred thousand rows at once, and each of them once', () => {
    const flat = Array.from({ length: 60_000 }, (_, index) => `many/${index}.txt`);
    const deep = Array.from({ length: 40_000 }, (_, index) => `a/b/${index % 400}/${index}.txt`);
    const plan = planOf([...flat, ...deep]);
    const { nodes, most } = shownBy(plan);
    expect(most).toBeLessThanOrEqual(mostAtOnce);
    expect(nodes.filter(({ row }) => row).length).toBe(100_000);
    expect(new Set(nodes).size).toBe(nodes.length);
    expect(plan.totals().files).toBe(100_000);
  });

  it('counts what does not fit to be shown', () => {
    const plan = planOf(Array.from({ length: 200_010 }, (_, index) => `${index % 1000}/${index}`));
    expect(plan.unshown).toBe(10);
    expect(plan.root.counts.create).toBe(200_010);
    expect(elementsIn(plan).at(-1)).toEqual({ kind: 'unshown', count: 10 });
  });

  const names = fc.constantFrom('a', 'b', 'a.b', 'é'.normalize());
  const somePath = fc.array(names, { minLength: 1, maxLength: 4 }).map((all) => all.join('/'));

  it('restores what is ticked: the nearest tick at a row or above it counts', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(somePath, { minLength: 1, maxLength: 12 }),
        fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 8 }),
        (paths, ticks) => {
          const plan = planOf(paths);
          const { nodes } = shownBy(plan);
          const expected = new Map(nodes.map((node) => [node, true]));
          for (const [number, ticked] of ticks) {
            const node = nodes[number % nodes.length]!;
            plan.tick(node, ticked);
            for (const other of nodes) {
              if (`${other.path}/`.startsWith(`${node.path}/`)) expected.set(other, ticked);
            }
          }
          const { choice } = plan;
          for (const node of nodes) expect(choice.chooses(node)).toBe(expected.get(node));
          const rows = nodes.filter(({ row }) => row);
          expect(plan.totals().create).toBe(rows.filter((row) => expected.get(row)).length);
          for (const node of nodes) {
            const below = rows.filter((row) => `${row.path}/`.startsWith(`${node.path}/`));
            const count = below.filter((row) => expected.get(row)).length;
            const word = count === 0 ? 'none' : count === below.length ? 'all' : 'some';
            expect(plan.tickedAt(node)).toBe(word);
          }
        },
      ),
    );
  });

  it('ticks only what was asked for', () => {
    const plan = planOf(['a/1', 'a/2', 'b/1'], ['a']);
    expect(plan.choice.chooses({ path: path('a/2') })).toBe(true);
    expect(plan.choice.chooses({ path: path('b/1') })).toBe(false);
    expect(plan.choice.chooses({ path: path('ab') })).toBe(false);
  });

  it('knows what it has shown', () => {
    const plan = new RestorePlan([]);
    plan.add(planned(path('a'), 'overwrite', 5));
    expect(plan.expects(planned(path('a'), 'overwrite', 5))).toBe(true);
    expect(plan.expects(planned(path('a'), 'overwrite', 6))).toBe(false);
    expect(plan.expects(planned(path('a')))).toBe(false);
    expect(plan.expects(planned(path('b')))).toBe(false);
  });
});
