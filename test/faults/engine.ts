import { readdirSync } from 'node:fs';
import { expect } from 'vitest';
import { messageOf } from '../../src/base/errors';
import { emptyTrash } from '../../src/store/removal';
import { DeedActions } from './deedActions';
import { perform, type Deed } from './deeds';
import type { KilledProgram } from './killedProgram';
import { seeded, type Random } from './seeded';
import { ServedSite } from './servedSite';
import { SmallActions } from './smallActions';
import { StoreModel } from './storeModel';
import { TreeChanges } from './treeChanges';

type Tell = (text: string) => void;

/** How often something is done, its name, and what it is. */
type Action = readonly [weight: number, name: string, act: (tell: Tell) => Promise<void> | void];

/**
 * Does at random what people, programs, failing disks and kills do to a store and its server, and compares
 * after each action with a model of what must be there.
 */
export class Engine implements Disposable {
  readonly site = new ServedSite();
  /** How often each action was done. */
  readonly counts: Record<string, number> = {};
  readonly #done: string[] = [];
  readonly #random: Random;
  readonly #model = new StoreModel(this.site);
  readonly #deeds: DeedActions;
  readonly #actions: readonly Action[];

  constructor(seed: number, killer: KilledProgram) {
    this.#random = seeded(seed);
    const changes = new TreeChanges(this.site.tree, this.#random);
    const small = new SmallActions(this.site, this.#model, this.#random);
    this.#deeds = new DeedActions(this.site, this.#model, this.#random, killer);
    const deed =
      (what: Deed['what']) =>
      (tell: Tell): Promise<void> =>
        this.#deeds.act(what, tell);
    this.#actions = [
      [26, 'change', (tell) => tell(changes.change())],
      [20, 'back up', deed('back up')],
      [7, 'prune', deed('prune')],
      [9, 'restore', deed('restore')],
      [6, 'repair', deed('repair')],
      [5, 'verify', async (tell) => tell(await small.verify())],
      [8, 'turn a bit', (tell) => tell(small.turnBit())],
      [3, 'remove a file', (tell) => tell(small.removeFile())],
      [5, 'pin', async (tell) => tell(await small.pin())],
      [3, 'delete', async (tell) => tell(await small.delete())],
      [4, 'set the clock', (tell) => tell(small.setClock())],
    ];
    for (let change = 0; change < 12; change += 1) changes.change();
  }

  /** Throws at the first thing that is not as it must be, with all that was done before. */
  async run(actions: number): Promise<void> {
    try {
      for (let number = 1; number <= actions; number += 1) await this.#act();
      await this.#tidyUp();
    } catch (error) {
      const list = this.#done.map((line, index) => `${index + 1}. ${line}`).join('\n');
      throw new Error(`${list}\n${messageOf(error)}`, { cause: error });
    }
  }

  [Symbol.dispose](): void {
    this.site[Symbol.dispose]();
  }

  async #act(): Promise<void> {
    const [, name, act] = this.#any();
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    const number = this.#done.push(name) - 1;
    await act((text) => {
      this.#done[number] = `${name}: ${text}`;
    });
    await this.#model.check();
  }

  #any(): Action {
    let left = this.#random(this.#actions.reduce((sum, [weight]) => sum + weight, 0));
    return this.#actions.find(([weight]) => (left -= weight) < 0)!;
  }

  /** In the end all can be put right, and nothing lies about. */
  async #tidyUp(): Promise<void> {
    const { store } = this.site;
    this.#done.push('in the end');
    await perform(this.site, { what: 'repair' });
    await this.#model.check();
    const before = this.site.tree.read();
    const { run } = await perform(this.site, { what: 'back up' });
    expect(run?.status).toBe('complete');
    await this.#model.learn(before);
    await this.#model.check();
    await emptyTrash(store);
    const { layout } = store;
    expect(readdirSync(layout.trash)).toEqual([]);
    const ids = this.#model.snapshots.map(({ id }) => id).sort();
    const dated = readdirSync(layout.root).filter((name) => name !== '.sauvegarde');
    expect(dated.sort()).toEqual(ids);
    for (const folder of [layout.inodes, layout.parity]) {
      for (const name of readdirSync(folder)) expect(ids, folder).toContain(name);
    }
  }
}
