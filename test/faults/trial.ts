import fs from 'node:fs';
import { expect } from 'vitest';
import { emptyTrash } from '../../src/store/removal';
import { turnBit } from '../verify/verifyFixture';
import { perform, type Deed } from './deeds';
import { DurableState } from './durability';
import { Recording } from './recording';
import { seeded, type Random } from './seeded';
import { ServedSite } from './servedSite';
import { StoreModel, type KnownSnapshot } from './storeModel';
import type { TreeState } from './tree';
import { TreeChanges } from './treeChanges';
import { TreeModel } from './treeModel';

/** What is tried: each is disturbed at any of its moments. */
export const trials = ['the first run', 'a run', 'a restore', 'a repair', 'a prune'] as const;
export type TrialName = (typeof trials)[number];

/** One deed on a site, with what must hold after it, however it ended. It can be tried again and again. */
export class Trial implements Disposable {
  readonly site: ServedSite;
  readonly deed: Deed;
  /** Of the site as it is before the deed. */
  readonly recording: Recording;
  readonly #known: readonly KnownSnapshot[];
  readonly #before: TreeState;

  private constructor(site: ServedSite, deed: Deed, model: StoreModel) {
    this.site = site;
    this.deed = deed;
    this.#known = model.snapshots;
    this.#before = site.tree.read();
    this.recording = new Recording(site.place);
  }

  static async of(name: TrialName, seed: number): Promise<Trial> {
    const site = new ServedSite();
    const random = seeded(seed);
    const changes = new TreeChanges(site.tree, random);
    const model = new StoreModel(site);
    const runs = name === 'the first run' ? 0 : name === 'a prune' ? 4 : 2;
    for (let run = 0; run <= runs; run += 1) {
      for (let change = 0; change < 10; change += 1) changes.change();
      if (run === runs) break;
      model.noteVersions(site.tree.read());
      await perform(site, { what: 'back up' });
      await model.learn(site.tree.read());
    }
    if (name === 'a repair') damage(site, model, random);
    return new Trial(site, deedOf(name, model), model);
  }

  /** Everything is as it was before the deed. */
  reset(): void {
    const { before } = this.recording;
    this.restoreTo(DurableState.after(before, [], 'nothing', () => false, this.recording));
  }

  restoreTo(state: DurableState): void {
    const { place } = this.site;
    for (const name of fs.readdirSync(place)) fs.rmSync(`${place}/${name}`, { recursive: true });
    state.writeTo(place);
  }

  /**
   * What was there is as it was, what has appeared is right, and the same once more goes well.
   * @param isDone whether the deed came to its end: then what it made must be there
   */
  async expectSurvived(isDone = false): Promise<void> {
    const model = new StoreModel(this.site, this.#known);
    model.noteVersions(this.#before);
    if (this.deed.what === 'prune') model.forgetMissing();
    const learnt = await model.learn(this.#before);
    await model.check();
    if (isDone && this.deed.what === 'back up') {
      expect(learnt.length, 'snapshots that are there for good').toBe(1);
    }
    if (this.deed.what === 'restore') {
      const { snapshot: id } = this.deed;
      const snapshot = this.#known.find((known) => known.id === id)!;
      const restoring = { snapshot, paths: [], deletes: true, before: this.#before };
      new TreeModel(this.site, model).checkAnyhow(restoring, learnt);
    }
    await this.#doAgain(model);
  }

  [Symbol.dispose](): void {
    this.site[Symbol.dispose]();
  }

  /** The same once more, then a run: both go well, and nothing lies about. */
  async #doAgain(model: StoreModel): Promise<void> {
    const { site, deed } = this;
    const { store } = site;
    const before = site.tree.read();
    const mendable = model.mendable(before);
    const { restored, verified } = await perform(site, deed);
    if (deed.what === 'prune') model.forgetMissing();
    if (restored) expect(restored).toMatchObject({ status: 'complete', failed: [] });
    await model.learn(before);
    if (verified) model.expectMended(mendable, verified);
    const now = site.tree.read();
    const { run } = await perform(site, { what: 'back up' });
    expect(run?.status).toBe('complete');
    await model.learn(now);
    await model.check();
    await emptyTrash(store);
    expect(fs.readdirSync(store.layout.trash)).toEqual([]);
    const dated = fs.readdirSync(store.layout.root).filter((name) => name !== '.sauvegarde');
    expect(dated.sort()).toEqual(model.snapshots.map(({ id }) => id).sort());
  }
}

function deedOf(what: TrialName, model: StoreModel): Deed {
  switch (what) {
    case 'the first run':
    case 'a run':
      return { what: 'back up' };
    case 'a restore': {
      const oldest = model.snapshots.at(-1)!;
      return { what: 'restore', snapshot: oldest.id, paths: [], delete: true };
    }
    case 'a repair':
      return { what: 'repair' };
    case 'a prune':
      return { what: 'prune', keep: { last: 1 } };
  }
}

/** A file that both snapshots have, one that is gone, and a bit of a manifest. */
function damage(site: ServedSite, model: StoreModel, random: Random): void {
  const [recent, old] = model.snapshots as [KnownSnapshot, KnownSnapshot];
  const { store } = site;
  const files = [...recent.entries.values()].filter(({ size = 0, sha256 }) => sha256 && size > 0);
  for (const entry of files.slice(0, 2)) turnBit(store.place(recent.id, entry), 9);
  fs.rmSync(store.place(recent.id, files.at(-1)!));
  turnBit(store.layout.manifest(old.id), random(8000));
  model.noteDamage();
}
