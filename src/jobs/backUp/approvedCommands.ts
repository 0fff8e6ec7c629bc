import { createHash } from 'node:crypto';
import { BackupError } from '../../base/errors';
import { endpointOf, type Server } from '../../model/configuration/server';

/** Where approvals are kept on this computer; the shape of VS Code's `Memento`. */
export interface ApprovalMemory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

/** A command of the configuration file, for a person to look at. */
export interface UnseenCommand {
  readonly name: 'before' | 'after';
  /** Exactly as it would be given to the server's shell. */
  readonly text: string;
}

/** Shows commands to a person. Resolves with whether they may run. */
export type AskForApproval = (
  server: Server,
  commands: readonly UnseenCommand[],
) => Promise<boolean>;

const memoryKey = 'approvedCommands';
/** More are not remembered: the oldest are asked for again. */
const mostKept = 1000;

/**
 * The commands for servers that a person has let run on this computer. Whoever may edit the
 * configuration file writes them, and it comes with the repository: each text is shown once, and again
 * for another endpoint or when it was changed.
 */
export class ApprovedCommands {
  readonly #memory: ApprovalMemory;

  constructor(memory: ApprovalMemory) {
    this.#memory = memory;
  }

  /**
   * Resolves if all commands of a server may run. Throws `cancelled` if the person did not let them,
   * `hook` if there is nobody to be asked.
   * @param ask undefined: nobody is there
   */
  async require(server: Server, ask: AskForApproval | undefined): Promise<void> {
    const unseen = commandsOf(server).filter(
      (command) => !this.#kept.includes(markOf(server, command)),
    );
    if (unseen.length === 0) return;
    if (!ask) throw notApproved('hook', server, unseen, 'was not run from this computer before');
    if (!(await ask(server, unseen)))
      throw notApproved('cancelled', server, unseen, 'was not allowed to run');
    const marks = unseen.map((command) => markOf(server, command));
    const kept = [...this.#kept.filter((mark) => !marks.includes(mark)), ...marks];
    await this.#memory.update(memoryKey, kept.slice(-mostKept));
  }

  get #kept(): readonly string[] {
    const kept = this.#memory.get(memoryKey);
    return Array.isArray(kept) ? kept.filter((mark) => typeof mark === 'string') : [];
  }
}

function commandsOf({ hooks }: Server): UnseenCommand[] {
  const { before, after } = hooks ?? {};
  return [
    ...(before === undefined ? [] : [{ name: 'before' as const, text: before }]),
    ...(after === undefined ? [] : [{ name: 'after' as const, text: after }]),
  ];
}

/** A digest, as a command may hold a secret. The jump hosts belong to it: they choose who it reaches. */
function markOf(server: Server, { text }: UnseenCommand): string {
  const what = JSON.stringify([endpointOf(server), server.jump, text]);
  return createHash('sha256').update(what).digest('base64url');
}

function notApproved(
  kind: 'hook' | 'cancelled',
  server: Server,
  unseen: readonly UnseenCommand[],
  why: string,
): BackupError {
  const names = unseen.map(({ name }) => `"${name}"`).join(' and ');
  const message = `The command ${names} of ${server.name} ${why}: nothing was backed up. Start a backup by hand, and look at what it does.`;
  return new BackupError(kind, message, { scope: 'run' });
}
