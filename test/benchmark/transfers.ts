import { rmSync } from 'node:fs';
import { editOne } from './dataSets';
import { median, receivedBytes, type Cost } from './measure';
import { openPlace } from './places';
import { dataSets, nameOf, toolsFor, type Row } from './rows';
import type { Tool } from './tools';

/** The first copy, one without change, and one after a file was edited, where the row has that. */
const runs = ['first', 'again', 'edited'] as const;

export type RunName = (typeof runs)[number];

type Costs = Readonly<Partial<Record<RunName, Cost>>>;

/** Where a row's data are, and where copies go. */
export interface RowFolders {
  readonly data: string;
  readonly target: string;
}

/** Calls `measured` for each run of each tool, in turn. */
export async function runTools(
  row: Row,
  { data, target }: RowFolders,
  tools: readonly Tool[],
  rounds: number,
  measured: (tool: Tool, costs: Costs) => void,
): Promise<void> {
  await using opened = await openPlace(row.protocol, row.link, data, row.via);
  for (let round = 0; round < rounds; round += 1) {
    for (const tool of tools) {
      // A folder of its own, removed at the end of all: whoever creates files after a removal pays for it.
      const own = `${target}/${nameOf(row)}/${tool.name}-${round}`;
      tool.prepare(opened.place, own);
      const first = await tool.copy(opened.place, own);
      const again = await tool.copy(opened.place, own);
      if (row.edits) editOne(data);
      const edited = row.edits && { edited: await tool.copy(opened.place, own) };
      measured(tool, { first, again, ...edited });
      if (row.data.startsWith('big') || row.data === 'many') {
        rmSync(own, { recursive: true, force: true });
      }
    }
  }
}

/** The medians of a row, a line for each run. */
export async function measureRow(
  row: Row,
  folders: RowFolders,
  rounds: number,
): Promise<Record<string, unknown>[]> {
  const tools = toolsFor(row);
  const costs = new Map<string, Costs[]>(tools.map(({ name }) => [name, []]));
  await runTools(row, folders, tools, rounds, (tool, cost) => costs.get(tool.name)?.push(cost));
  const names = runs.filter((run) => run !== 'edited' || row.edits);
  return names.map((run) => lineOf(row, run, costs));
}

function lineOf(
  row: Row,
  run: RunName,
  costs: ReadonlyMap<string, readonly Costs[]>,
): Record<string, unknown> {
  const { files } = dataSets[row.data];
  const of = (tool: string, part: (cost: Cost) => number): number =>
    median((costs.get(tool) ?? []).flatMap(({ [run]: cost }) => (cost ? [part(cost)] : [])));
  const [own = '', ...peers] = costs.keys();
  const walls = new Map([...costs.keys()].map((name) => [name, of(name, ({ wall }) => wall)]));
  const best = Math.min(...peers.map((name) => walls.get(name) ?? Infinity));
  const cpu = of(own, (cost) => cost.cpu);
  return {
    row: nameOf(row),
    run,
    ...Object.fromEntries([...walls].map(([name, wall]) => [`${name} s`, wall])),
    'cpu s': rounded(cpu, 1),
    'cpu ms a file': rounded((cpu * 1000) / files, 2),
    'bytes a file': Math.round(of(own, ({ output }) => receivedBytes(output)) / files),
    'peak MB': Math.round(of(own, ({ peak }) => peak) / 1e6),
    ratio: rounded(best / (walls.get(own) ?? Number.NaN), 2),
  };
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
