import { join } from 'node:path';
import {
  Diagnostic,
  DiagnosticSeverity,
  l10n,
  languages,
  Range,
  Uri,
  type Disposable,
} from 'vscode';
import type { Damage } from '../../jobs/verify/verified';
import type { SnapshotId } from '../../model/snapshotId';
import { grouped } from '../../report/figures';
import { damageWords } from '../../report/newsOfDamage';
import type { Mark } from '../../store/damageMarks';
import type { Store } from '../../store/store';
import { command } from '../commandIds';
import type { WorkspaceConfiguration } from '../workspaceConfiguration';
import { uriOf } from '../documentUri';
import type { Runs } from '../runs';
import { dateText } from '../words';
import type { Proving } from './proving';

/** So many entries of a snapshot are listed; with more, the last one says how many there are. */
const mostOfSnapshot = 200;

const start = new Range(0, 0, 0, 0);

/**
 * Known damage in the Problems view, at the files of the snapshots as `sauvegarde:` shows them, so that
 * their rows are marked too. It follows what stands on the disk, and is gone when it is mended.
 */
export class DamageProblems implements Disposable {
  readonly #problems = languages.createDiagnosticCollection('sauvegarde.damage');
  readonly #configuration: WorkspaceConfiguration;
  readonly #runs: Runs;
  readonly #proving: Proving;
  readonly #subscriptions: Disposable[];
  #last: Promise<void> = Promise.resolve();
  #isWaiting = false;

  constructor(configuration: WorkspaceConfiguration, runs: Runs, proving: Proving) {
    this.#configuration = configuration;
    this.#runs = runs;
    this.#proving = proving;
    const update = (): void => this.#update();
    this.#subscriptions = [runs.onDidChange(update), proving.onDidChange(update)];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#problems.dispose();
  }

  /** One after the other, and those that are asked for meanwhile are one. */
  #update(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#last = this.#last.then(async () => {
      this.#isWaiting = false;
      await this.#show();
    });
  }

  async #show(): Promise<void> {
    const all: [Uri, Diagnostic[]][] = [];
    for (const { name } of this.#configuration.servers) {
      try {
        all.push(...(await this.#problemsOf(name, this.#runs.storeOf(name))));
      } catch {
        // The store went away meanwhile: nothing is known of it.
      }
    }
    this.#problems.clear();
    this.#problems.set(all);
  }

  async #problemsOf(server: string, store: Store): Promise<[Uri, Diagnostic[]][]> {
    const found: [Uri, Diagnostic[]][] = [];
    for (const id of await store.ids()) {
      const extras = this.#proving.extrasOf(server, store, id);
      if (!store.damage.has(id) && extras.length === 0) continue;
      const marks = [...(await store.damage.of(id))];
      const places = [
        ...marks.slice(0, mostOfSnapshot).map((mark) => placeOfMark(server, store, id, mark)),
        ...extras.slice(0, mostOfSnapshot).map((extra) => placeOfExtra(store, id, extra)),
      ];
      const hidden = marks.length + extras.length - places.length;
      places.forEach(({ uri, words }, index) => {
        const isLast = index === places.length - 1;
        const more = isLast && hidden > 0 ? [l10n.t('{0} more are damaged.', grouped(hidden))] : [];
        found.push([uri, [problem({ server, snapshot: id }, [words, ...more].join(' '))]]);
      });
    }
    return found;
  }
}

interface Place {
  readonly uri: Uri;
  readonly words: string;
}

function placeOfMark(server: string, store: Store, id: SnapshotId, { path, kind }: Mark): Place {
  const words = damageWords(l10n)[kind];
  if (path === '') return { uri: Uri.file(store.layout.manifest(id)), words };
  return { uri: uriOf({ kind: 'snapshot', server, snapshot: id, path }), words };
}

function placeOfExtra({ layout }: Store, id: SnapshotId, { path, kind }: Damage): Place {
  const uri = Uri.file(join(layout.snapshot(id), path));
  return { uri, words: damageWords(l10n)[kind] };
}

function problem(about: { server: string; snapshot: SnapshotId }, words: string): Diagnostic {
  const text = l10n.t(
    '{2}: snapshot of {0} from {1}. Repair it: from another snapshot, or from the server if it still has this version.',
    about.server,
    dateText(about.snapshot),
    words,
  );
  const found = new Diagnostic(start, text, DiagnosticSeverity.Error);
  found.source = 'Sauvegarde';
  const target = encodeURIComponent(JSON.stringify([about]));
  found.code = {
    value: l10n.t('Repair…'),
    target: Uri.parse(`command:${command.repair}?${target}`),
  };
  return found;
}
