import { commands, EventEmitter, type Disposable, type Memento } from 'vscode';
import type { Server } from '../model/configuration/server';
import type { Runs, ServerState } from './runs';

/** Those in trouble first and the others as the file has them, or all by name. */
type Order = 'trouble' | 'name';

const remembered = 'serverOrder';

/** In which order the servers stand, remembered for each workspace. */
export class ServerOrder implements Disposable {
  readonly #memory: Memento;
  readonly #runs: Runs;
  readonly #changed = new EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(memory: Memento, runs: Runs) {
    this.#memory = memory;
    this.#runs = runs;
  }

  get #order(): Order {
    return this.#memory.get(remembered) === 'name' ? 'name' : 'trouble';
  }

  /** Lets the menu offer the other order. */
  async tell(): Promise<void> {
    await commands.executeCommand('setContext', 'sauvegarde.serverOrder', this.#order);
  }

  async set(order: Order): Promise<void> {
    await this.#memory.update(remembered, order);
    await this.tell();
    this.#changed.fire();
  }

  sorted(servers: readonly Server[]): readonly Server[] {
    if (this.#order === 'name') {
      const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
      return servers.toSorted((a, b) => collator.compare(a.name, b.name));
    }
    const rank = ({ name }: Server): number => troubleRank(this.#runs.stateOf(name));
    return servers.toSorted((a, b) => rank(a) - rank(b));
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

/** Whether somebody has to look at a server. */
export function isInTrouble(state: ServerState | undefined): boolean {
  return troubleRank(state) < inOrder;
}

const inOrder = 4;

/** What loses data stands in front of what has not come yet. */
function troubleRank(state: ServerState | undefined): number {
  if (state?.damage) return 0;
  if (state?.suspicions) return 1;
  if (state?.failure) return 2;
  return state?.overdue ? 3 : inOrder;
}
