import { expect } from 'vitest';
import { perform, type Deed, type Done } from './deeds';
import { Interruption } from './interruption';
import type { KilledProgram } from './killedProgram';
import { one, type Random } from './seeded';
import type { ServedSite } from './servedSite';
import { isManifestHurt, type KnownSnapshot, type StoreModel } from './storeModel';
import { isWithin, type TreeState } from './tree';
import { TreeModel } from './treeModel';

/** How a deed is carried out. */
type Way = 'whole' | 'one fault' | 'nothing works any more' | 'killed';

/** So many operations a deed is taken to have until they have been counted. */
const guessed = 150;

interface Expectations {
  readonly before: TreeState;
  /** By snapshot, what a repair can put right. */
  readonly mendable: ReadonlyMap<string, readonly string[]>;
  /** Of these backups at least one must stay. */
  readonly good: readonly KnownSnapshot[];
}

/** Deeds of the engine: each to its end, or with a fault, or until a kill; and what must hold after it. */
export class DeedActions {
  readonly #site: ServedSite;
  readonly #model: StoreModel;
  readonly #trees: TreeModel;
  readonly #random: Random;
  readonly #killer: KilledProgram;
  readonly #operations = new Map<Deed['what'], number>();

  constructor(site: ServedSite, model: StoreModel, random: Random, killer: KilledProgram) {
    this.#site = site;
    this.#model = model;
    this.#trees = new TreeModel(site, model);
    this.#random = random;
    this.#killer = killer;
  }

  /** @param tell called with what is about to be done */
  async act(what: Deed['what'], tell: (text: string) => void): Promise<void> {
    const deed = this.#deedOf(what);
    if (!deed) return;
    const way = this.#way();
    const at = way === 'whole' ? 0 : 1 + this.#random(this.#operations.get(what) ?? guessed);
    const code = one(this.#random, ['EIO', 'ENOSPC']);
    const how = way === 'whole' ? way : `${way} at operation ${at} (${code})`;
    tell(`${JSON.stringify(deed)}, ${how}`);
    const expected = this.#expectationsOf(deed);
    const done = await this.#carryOut(deed, way, at, code);
    const learnt = await this.#model.learn(expected.before);
    tell(`${JSON.stringify(deed)}, ${how}: ${done ? 'done' : 'not done'}`);
    this.#compare(deed, expected, learnt, done);
    if (deed.what === 'back up' && way === 'whole') expect(done?.run?.status).toBe('complete');
  }

  /** What is known before something is done, to compare with afterwards. */
  #expectationsOf(deed: Deed): Expectations {
    const before = this.#site.tree.read();
    this.#model.noteVersions(before);
    const mendable =
      deed.what === 'repair' ? this.#model.mendable(before) : new Map<string, string[]>();
    return {
      before,
      mendable,
      good: this.#model.backups.filter((one) => this.#isThoughtGood(one)),
    };
  }

  #compare(
    deed: Deed,
    { before, mendable, good }: Expectations,
    learnt: readonly KnownSnapshot[],
    done: Done | undefined,
  ): void {
    if (deed.what === 'prune') this.#expectThinned(good);
    else if (deed.what === 'restore') this.#expectRestored(deed, before, learnt, done);
    else if (done?.verified) this.#model.expectMended(mendable, done.verified);
  }

  #deedOf(what: Deed['what']): Deed | undefined {
    if (what === 'prune') return { what, keep: this.#keep() };
    if (what !== 'restore') return { what };
    if (this.#model.snapshots.length === 0) return undefined;
    const snapshot = one(this.#random, this.#model.snapshots);
    const isSafety = snapshot.pin === 'before-restore';
    const paths =
      this.#random(2) === 0 ? [] : [`/${one(this.#random, [...snapshot.entries.keys()])}`];
    // A name that is no text cannot be named, and characters of patterns would be taken for such.
    const nameable = paths.every((path) => /^[\w/.-]+$/.test(path));
    return {
      ...{ what, snapshot: snapshot.id, paths: nameable ? paths : [] },
      delete: !isSafety && this.#random(2) === 0,
    };
  }

  #way(): Way {
    const chance = this.#random(100);
    if (chance < 60) return 'whole';
    if (chance < 78) return 'one fault';
    return chance < 94 ? 'nothing works any more' : 'killed';
  }

  #keep(): Extract<Deed, { what: 'prune' }>['keep'] {
    const count = 1 + this.#random(6);
    const rules = [{ last: count }, { daily: count }, { last: 1, weekly: count }, { within: '3d' }];
    return one(this.#random, rules);
  }

  /** Undefined if it did not come to its end, or that is not known. */
  async #carryOut(deed: Deed, way: Way, at: number, code: string): Promise<Done | undefined> {
    if (way === 'killed') {
      try {
        await this.#killer.perform(this.#site, deed, at);
      } catch (error) {
        if (!this.#isRefused(deed)) throw error;
      }
      return undefined;
    }
    const fault = way === 'one fault' ? 'transient' : 'lasting';
    const interruption = new Interruption(at, fault, code);
    try {
      const done = await perform(this.#site, deed, { before: interruption.step });
      if (way === 'whole') this.#operations.set(deed.what, interruption.operations || guessed);
      return done;
    } catch (error) {
      if (interruption.failed === undefined && !this.#isRefused(deed)) throw error;
      return undefined;
    }
  }

  /** A snapshot whose manifest is damaged cannot be restored from. */
  #isRefused(deed: Deed): boolean {
    if (deed.what !== 'restore') return false;
    return this.#model.snapshots.some(
      (known) => known.id === deed.snapshot && isManifestHurt(known),
    );
  }

  /** What is pinned stays, and a complete backup of which no damage is known. */
  #expectThinned(good: readonly KnownSnapshot[]): void {
    const gone = this.#model.forgetMissing();
    for (const { id, pin } of gone) {
      expect(pin, `the pin of ${id}, which was removed`).toBe(undefined);
    }
    const left = new Set(this.#model.backups);
    if (good.length > 0)
      expect(
        good.some((known) => left.has(known)),
        'whether a good one is left',
      ).toBe(true);
  }

  /** Damage that no verification has met yet is known to nobody, but for that of the manifest. */
  #isThoughtGood(known: KnownSnapshot): boolean {
    const isMarked = this.#site.store.damage.has(known.id);
    return known.totals.status === 'complete' && !isMarked && !isManifestHurt(known);
  }

  #expectRestored(
    deed: Extract<Deed, { what: 'restore' }>,
    before: TreeState,
    learnt: readonly KnownSnapshot[],
    done: Done | undefined,
  ): void {
    const snapshot = this.#model.snapshots.find(({ id }) => id === deed.snapshot)!;
    const root = this.#site.tree.root;
    const paths = deed.paths.map((path) => path.slice(root.length + 1));
    const restoring = { snapshot, paths, deletes: deed.delete, before };
    this.#trees.checkAnyhow(restoring, learnt);
    if (done?.restored?.status !== 'complete') {
      const isExcused = done === undefined || snapshot.hurt.size > 0;
      // A folder makes room for a file with `delete` only, and a file above what was chosen not at all.
      const isBlocked = paths.some((path) => isBelowFile(path, before));
      const failed = done?.restored?.failed.filter(
        ({ kind }) => !isBlocked && (deed.delete || kind !== 'impossible'),
      );
      if (!isExcused)
        expect(failed, `what was not restored: ${JSON.stringify(failed)}`).toEqual([]);
      return;
    }
    this.#trees.checkComplete(restoring);
  }
}

/** Whether something that is no folder stands on the way to a path. */
function isBelowFile(path: string, tree: TreeState): boolean {
  return [...tree].some(
    ([name, { type }]) => type !== 'directory' && name !== path && isWithin(path, name),
  );
}
