import fs from 'node:fs';
import { expect } from 'vitest';
import { verify } from '../../src/jobs/verify/verify';
import { discardSnapshot } from '../../src/store/removal';
import { turnBit } from '../verify/verifyFixture';
import { one, type Random } from './seeded';
import type { ServedSite } from './servedSite';
import { isManifestHurt, type KnownSnapshot, type StoreModel } from './storeModel';

const hour = 3_600_000;

/** What the engine does in one go. Each tells what it did. */
export class SmallActions {
  readonly #site: ServedSite;
  readonly #model: StoreModel;
  readonly #random: Random;

  constructor(site: ServedSite, model: StoreModel, random: Random) {
    this.#site = site;
    this.#model = model;
    this.#random = random;
  }

  /** Each snapshot is said to be damaged if and only if it is. */
  async verify(): Promise<string> {
    const { store, environment } = this.#site;
    const { signal } = new AbortController();
    const server = this.#site.server();
    const verified = await verify({ server, store, environment, signal, scope: 'all' });
    const told = verified.map(({ snapshot, status }) => [snapshot, status]);
    const wanted = this.#model.snapshots.map((known) => [
      known.id,
      this.#model.damageOf(known).size > 0 ? 'damaged' : 'whole',
    ]);
    expect(told).toEqual(wanted);
    return `${verified.filter(({ status }) => status === 'damaged').length} damaged`;
  }

  /** Turns one bit in a file, or in a manifest that is not damaged yet. */
  turnBit(): string {
    const known = this.#any();
    if (!known) return 'of nothing';
    const { store } = this.#site;
    const files = [...known.entries.values()].filter(
      ({ path, size = 0, sha256 }) => sha256 !== undefined && size > 0 && !known.hurt.has(path),
    );
    const isManifest = files.length === 0 || this.#random(3) === 0;
    if (isManifest && isManifestHurt(known)) return 'of nothing';
    const place = isManifest
      ? store.layout.manifest(known.id)
      : store.place(known.id, one(this.#random, files));
    const bit = this.#random(8 * fs.statSync(place).size);
    turnBit(place, bit);
    this.#model.noteDamage();
    return `${bit} of ${place.toString('latin1')}`;
  }

  removeFile(): string {
    const known = this.#any();
    const files = [...(known?.entries.values() ?? [])].filter(
      ({ path, sha256 }) => sha256 !== undefined && !known?.hurt.has(path),
    );
    if (!known || files.length === 0) return 'of nothing';
    const place = this.#site.store.place(known.id, one(this.#random, files));
    fs.rmSync(place);
    this.#model.noteDamage();
    return place.toString('latin1');
  }

  async pin(): Promise<string> {
    const known = this.#any();
    if (!known || known.pin === 'before-restore') return 'none';
    const { pins } = this.#site.store;
    if (known.pin === undefined) await pins.set(known.id, 'by-hand');
    else pins.remove(known.id);
    known.pin = known.pin === undefined ? 'by-hand' : undefined;
    return `${known.id} ${known.pin ?? 'no more'}`;
  }

  async delete(): Promise<string> {
    const known = this.#any();
    if (!known) return 'nothing';
    await discardSnapshot(this.#site.store, known.id, this.#site.clock);
    this.#model.forget(known.id);
    return known.id;
  }

  setClock(): string {
    const hours = this.#random(4) === 0 ? -this.#random(48) : this.#random(24 * 20);
    this.#site.clock.advance(hours * hour);
    return `${hours} hours`;
  }

  #any(): KnownSnapshot | undefined {
    const { snapshots } = this.#model;
    return snapshots.length === 0 ? undefined : one(this.#random, snapshots);
  }
}
