import { l10n, ProgressLocation, window, type Progress } from 'vscode';
import { systemClock } from '../../base/clock';
import { BackupError } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import type { RunReport } from '../../report/runReport';
import type { ConfigurationFile } from '../configurationFile';
import type { Parts } from '../parts';
import type { ActiveRun } from '../runs';
import { fractionOf, progressText } from '../words';

const shownEvery = 250;

/** What became of one server. */
export interface Outcome {
  readonly server: string;
  readonly report?: RunReport;
  readonly error?: unknown;
}

/** The runs that a person started together: one notification shows how far they are, and cancels them all. */
export class PersonRuns {
  readonly #parts: Parts;
  readonly #servers: readonly Server[];
  readonly #note: string | undefined;
  /** One list for each folder: its configuration says how many of them run at once. */
  readonly #waiting: ReadonlyMap<ConfigurationFile, Server[]>;
  readonly #active = new Set<ActiveRun>();
  readonly #outcomes: Outcome[] = [];

  constructor(parts: Parts, servers: readonly Server[], note: string | undefined) {
    this.#parts = parts;
    this.#servers = servers;
    this.#note = note;
    this.#waiting = byFolder(parts, servers);
  }

  /** As many of each folder at once as its configuration allows. Those that were not begun when it was cancelled are left out. */
  async run(): Promise<readonly Outcome[]> {
    const options = {
      location: ProgressLocation.Notification,
      title: this.#title,
      cancellable: true,
    };
    await window.withProgress(options, async (shown, token) => {
      const stop = token.onCancellationRequested(() => this.#cancel());
      const timer = setInterval(this.#showing(shown), shownEvery);
      try {
        await Promise.all(this.#lanes());
      } finally {
        clearInterval(timer);
        stop.dispose();
      }
    });
    return this.#outcomes;
  }

  get #title(): string {
    const [first] = this.#servers;
    return first && this.#servers.length === 1
      ? l10n.t('Backing up {0}', first.name)
      : l10n.t('Backing up {0} servers', this.#servers.length);
  }

  #lanes(): Promise<void>[] {
    return [...this.#waiting].flatMap(([file, waiting]) => {
      const { maxParallelServers } = file.require();
      return Array.from({ length: maxParallelServers }, () => this.#work(waiting));
    });
  }

  async #work(waiting: Server[]): Promise<void> {
    for (let server = waiting.shift(); server; server = waiting.shift()) {
      const outcome = await this.#backUp(server);
      this.#outcomes.push(outcome);
      if (isCancelled(outcome)) this.#beginNoMore();
    }
  }

  #beginNoMore(): void {
    for (const waiting of this.#waiting.values()) waiting.length = 0;
  }

  async #backUp(server: Server): Promise<Outcome> {
    const { name } = server;
    const { runs } = this.#parts;
    if (this.#note !== undefined && runs.activeOn(name)) {
      const text = l10n.t(
        '{0} is being backed up already: put the note on its snapshot when it is there.',
        name,
      );
      return { server: name, error: new BackupError('locked', text) };
    }
    const run = runs.start(server, 'person', this.#note);
    this.#active.add(run);
    try {
      return { server: name, report: await run.done };
    } catch (error) {
      return { server: name, error };
    } finally {
      this.#active.delete(run);
    }
  }

  #cancel(): void {
    this.#beginNoMore();
    for (const run of this.#active) run.cancel();
  }

  #showing(shown: Progress<{ message: string; increment?: number }>): () => void {
    let percent = 0;
    return () => {
      const now = this.#percent;
      shown.report({ message: this.#message, increment: Math.max(0, now - percent) });
      percent = Math.max(percent, now);
    };
  }

  get #percent(): number {
    const fractions = [...this.#active].map(({ progress }) => fractionOf(progress) ?? 0);
    const done = fractions.reduce((sum, fraction) => sum + fraction, this.#outcomes.length);
    return (done / this.#servers.length) * 100;
  }

  get #message(): string {
    const active = [...this.#active];
    const [first] = active;
    if (first && this.#servers.length === 1) {
      const seconds = (systemClock.monotonic() - first.started) / 1000;
      return progressText(first.progress, seconds);
    }
    const names = active.map(({ server }) => server).join(', ');
    return `${this.#outcomes.length}/${this.#servers.length} · ${names}`;
  }
}

function byFolder(
  { configuration }: Parts,
  servers: readonly Server[],
): ReadonlyMap<ConfigurationFile, Server[]> {
  const lists = new Map<ConfigurationFile, Server[]>();
  for (const server of servers) {
    const { file } = configuration.placeOf(server.name);
    lists.set(file, [...(lists.get(file) ?? []), server]);
  }
  return lists;
}

export function isCancelled({ error }: Outcome): boolean {
  return error instanceof BackupError && error.kind === 'cancelled';
}
