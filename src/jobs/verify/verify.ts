/** The entrance: proving that snapshots are what they were made, and mending what is not. */
import { throwIfAborted } from '../../base/abort';
import type { Amount } from '../../model/amount';
import type { Server } from '../../model/configuration/server';
import type { RemotePath } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import type { Environment } from '../../sources/environment';
import { ContentCheck } from '../../store/contentCheck';
import { StoreLock } from '../../store/lock';
import { isManifestIntact, mendManifest } from '../../store/manifestCheck';
import { Proofs } from '../../store/proofs';
import type { Store } from '../../store/store';
import { openSource } from '../connect/openSource';
import { markElsewhere, repairSnapshot } from './repairSnapshot';
import { sampleContents, type SampledSnapshot } from './sample';
import { checkTree, VerifyProgress, type CheckContext } from './snapshotCheck';
import { unlessRemoved } from './unlessRemoved';
import { DamageList, FoundDamage, type Verified } from './verified';

/** Which snapshots: the newest complete one (and newer ones whose manifests are damaged), all, or these. */
export type VerifyScope = 'newest' | 'all' | { readonly snapshots: readonly SnapshotId[] };

export interface VerifyOptions {
  readonly server: Server;
  readonly store: Store;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly scope: VerifyScope;
  /** Only so much of the contents, those first that were read longest ago. Default: everything. */
  readonly amount?: Amount;
  /** Whether to mend what can be mended. Default: no. */
  readonly repair?: boolean;
  readonly progress?: VerifyProgress;
  /** Called with what was found of each snapshot, as soon as it is known. */
  readonly onVerified?: (verified: Verified) => void;
  /** How the server is opened, if something must be fetched again; tests bring their own. */
  readonly open?: typeof openSource;
}

/**
 * Reads files of snapshots again and compares them with their manifests, and these with themselves. It
 * hinders no run; only mending takes the lock of the store. Throws `locked` if another verification of
 * the server is under way, or a run when something is to be mended; `permission` if a file may not be read.
 */
export async function verify(options: VerifyOptions): Promise<Verified[]> {
  const { store, environment, signal } = options;
  const ids = await store.ids();
  if (ids.length === 0) return [];
  await using _lock = StoreLock.acquire(store.layout.verifyLock, environment.clock);
  const { disk, layout } = store;
  const proofs = await Proofs.open(disk, layout.proven);
  const at = Math.floor(environment.clock.now() / 1000);
  using contents = new ContentCheck(disk, signal);
  const progress = options.progress ?? new VerifyProgress();
  const context = { store, contents, proofs, at, progress, signal };
  const verification = new Verification(options, context);
  try {
    const verified = await verification.run(ids);
    await proofs.finish(await store.ids());
    return verified;
  } catch (error) {
    await proofs.abandon().catch(() => undefined);
    throw error;
  }
}

class Verification {
  readonly #options: VerifyOptions;
  readonly #context: CheckContext & { readonly proofs: Proofs };

  constructor(options: VerifyOptions, context: CheckContext & { readonly proofs: Proofs }) {
    this.#options = options;
    this.#context = context;
  }

  async run(ids: readonly SnapshotId[]): Promise<Verified[]> {
    const { scope, store, amount, repair } = this.#options;
    if (amount && scope === 'newest') return await this.#sample(ids, amount);
    const wanted = await this.#wanted(ids);
    if (amount) return await this.#sample(wanted, amount);
    // What one snapshot has lost is sought in all: their manifests must say where it is.
    const mended = repair ? await this.#mendManifests(wanted) : new Map<SnapshotId, Manifest>();
    const verified: Verified[] = [];
    for (const id of wanted) {
      const found = await unlessRemoved(store, id, () => this.#verifyWhole(id, mended.get(id)));
      if (found) verified.push(found);
    }
    return verified;
  }

  async #mendManifests(ids: readonly SnapshotId[]): Promise<Map<SnapshotId, Manifest>> {
    const { store } = this.#options;
    const mended = new Map<SnapshotId, Manifest>();
    for (const id of ids) {
      const manifest = await unlessRemoved(store, id, () => this.#checkManifest(id));
      if (manifest) mended.set(id, manifest);
    }
    return mended;
  }

  async #wanted(ids: readonly SnapshotId[]): Promise<readonly SnapshotId[]> {
    const { scope, store } = this.#options;
    if (scope === 'all') return ids;
    if (scope !== 'newest') return ids.filter((id) => scope.snapshots.includes(id));
    const damaged: SnapshotId[] = [];
    const backups = await store.backupIds();
    for (const id of backups) {
      const { status } = await store.summary(id);
      if (status === 'complete') return [...damaged, id];
      // It may be the newest complete one.
      if (status === 'damaged') damaged.push(id);
    }
    return damaged.length > 0 ? damaged : backups.slice(0, 1);
  }

  async #sample(ids: readonly SnapshotId[], amount: Amount): Promise<Verified[]> {
    const { store, environment } = this.#options;
    const snapshots: SampledSnapshot[] = [];
    for (const id of ids) {
      const manifest = await unlessRemoved(store, id, () => this.#checkManifest(id));
      if (!manifest) continue;
      const { damages } = manifest;
      const marks = await store.damage.of(id);
      const nothing = { files: 0, bytes: 0, milliseconds: 0 };
      snapshots.push({ id, damages, marks, healed: new Set(), ...nothing });
    }
    await sampleContents(this.#context, snapshots, amount, environment.clock);
    const verified: Verified[] = [];
    for (const snapshot of snapshots) {
      if (snapshot.files === 0 && snapshot.damages.count === 0 && snapshot.healed.size === 0)
        continue;
      const told = await this.#conclude(snapshot.id, snapshot);
      if (told) verified.push(told);
    }
    return verified;
  }

  async #verifyWhole(id: SnapshotId, manifest?: Manifest): Promise<Verified | undefined> {
    const { environment } = this.#options;
    const { progress } = this.#context;
    progress.snapshot = id;
    const started = environment.clock.monotonic();
    const before = { files: progress.files, bytes: progress.bytes };
    const { isIntact, damages } = manifest ?? (await this.#checkManifest(id));
    await checkTree(this.#context, id, isIntact, damages);
    return await this.#conclude(id, {
      damages,
      files: progress.files - before.files,
      bytes: progress.bytes - before.bytes,
      milliseconds: environment.clock.monotonic() - started,
    });
  }

  async #checkManifest(id: SnapshotId): Promise<Manifest> {
    const { store, environment, signal, repair } = this.#options;
    const damages = new DamageList();
    if (await isManifestIntact(store, id, signal)) return { isIntact: true, damages };
    const damage = FoundDamage.ofManifest(id);
    damages.add(damage);
    if (!repair) return { isIntact: false, damages };
    await using _lock = await store.lockPatiently(environment.clock, signal);
    damage.repaired = await mendManifest(store, id, signal);
    return { isIntact: damage.repaired, damages };
  }

  async #conclude(id: SnapshotId, checked: Checked): Promise<Verified | undefined> {
    const { store, server } = this.#options;
    const { damages } = checked;
    // Retention may have removed it: what is missing then is no damage.
    if (!store.disk.stat(store.layout.manifest(id))) return undefined;
    await this.#mendOrMark(id, damages);
    await this.#remember(id, checked);
    const verified: Verified = {
      server: server.name,
      snapshot: id,
      status: damages.isLeft ? 'damaged' : 'whole',
      checkedFiles: checked.files,
      checkedBytes: checked.bytes,
      damaged: damages.named.map(({ told }) => told),
      damagedCount: damages.count,
      seconds: Math.round(checked.milliseconds) / 1000,
    };
    this.#options.onVerified?.(verified);
    return verified;
  }

  async #mendOrMark(id: SnapshotId, damages: DamageList): Promise<void> {
    const { store, environment, signal, server, repair, open = openSource } = this.#options;
    if (!damages.isLeft) return;
    // By lines that may be wrong nothing is put anywhere.
    const isReadable = damages.named.every(({ kind, repaired }) => kind !== 'manifest' || repaired);
    if (!repair || !isReadable) {
      await markElsewhere(store, id, damages, signal);
      return;
    }
    throwIfAborted(signal);
    await using _lock = await store.lockPatiently(environment.clock, signal);
    await repairSnapshot({ server, store, environment, signal, open }, id, damages);
    this.#context.contents.forget();
  }

  async #remember(id: SnapshotId, { damages, healed }: Checked): Promise<void> {
    const { store } = this.#options;
    const { proofs, at } = this.#context;
    const { marks } = damages;
    if (!healed) {
      await store.damage.set(id, marks);
      proofs.setSince(id, damages.isLeft ? undefined : at);
      return;
    }
    if (marks.length > 0) proofs.setSince(id, undefined);
    if (marks.length === 0 && healed.size === 0) return;
    const news = new Set([...healed, ...marks.map(({ path }) => path)]);
    const known = [...(await store.damage.of(id))].filter(({ path }) => !news.has(path));
    await store.damage.set(id, [...known, ...marks]);
  }
}

interface Manifest {
  /** Whether it can be relied on: it was intact, or is so again. */
  readonly isIntact: boolean;
  readonly damages: DamageList;
}

/** What was found of one snapshot before anything was mended. */
interface Checked {
  readonly damages: DamageList;
  readonly files: number;
  readonly bytes: number;
  readonly milliseconds: number;
  /** Of a sample: what was known to be damaged and is intact. Absent: all of the snapshot was looked at. */
  readonly healed?: ReadonlySet<RemotePath>;
}
