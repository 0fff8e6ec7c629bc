import { endpointOf, type Server } from '../model/configuration/server';
import type { Entry } from '../model/entry';
import { rootPath, type RemotePath } from '../model/remotePath';
import type { Listing } from './remoteServers';

/*
 * The rows of the Servers view. The editor knows a row by its object, and forgets at once what it knew
 * of the objects below one that is drawn anew: a menu that is open on one of them is then about
 * nothing. So each server and each entry is one object as long as it is there.
 */

export type List = (server: Server, folder: RemotePath) => Promise<Listing>;

export interface Listed {
  readonly entries: readonly EntryRow[];
  readonly cut: boolean;
}

/** A row that can be opened. What was listed is kept: a check box must not cost a round trip. */
abstract class OpenableRow {
  abstract readonly server: Server;
  #listed: Promise<Listed> | undefined;
  #entries = new Map<RemotePath, EntryRow>();

  protected abstract get folder(): RemotePath;
  protected abstract get root(): ServerRow;

  /** Asks only if it is not known. What could not be listed is asked for again the next time. */
  listed(list: List): Promise<Listed> {
    if (this.#listed) return this.#listed;
    const listed = list(this.server, this.folder).then((listing) => this.#take(listing));
    this.#listed = listed;
    listed.catch(() => {
      if (this.#listed === listed) this.#listed = undefined;
    });
    return listed;
  }

  /** The server is asked again, for this folder and all that is open in it. */
  forget(): void {
    this.#listed = undefined;
    for (const entry of this.#entries.values()) entry.forget();
  }

  #take({ entries, cut }: Listing): Listed {
    const before = this.#entries;
    this.#entries = new Map();
    for (const entry of entries) {
      const row = before.get(entry.path) ?? new EntryRow(this.root, entry);
      row.entry = entry;
      this.#entries.set(entry.path, row);
    }
    return { entries: [...this.#entries.values()], cut };
  }
}

export class ServerRow extends OpenableRow {
  readonly kind = 'server';
  /** What it showed when it was drawn last. */
  face = '';
  #server: Server;

  constructor(server: Server) {
    super();
    this.#server = server;
  }

  get server(): Server {
    return this.#server;
  }

  /** As it is configured now. At another endpoint nothing is known of it. */
  set server(server: Server) {
    const isElsewhere = endpointOf(server) !== endpointOf(this.#server);
    this.#server = server;
    if (isElsewhere) this.forget();
  }

  protected get folder(): RemotePath {
    return rootPath;
  }

  protected get root(): this {
    return this;
  }
}

export class EntryRow extends OpenableRow {
  readonly kind = 'entry';
  entry: Entry;
  readonly #root: ServerRow;

  constructor(root: ServerRow, entry: Entry) {
    super();
    this.#root = root;
    this.entry = entry;
  }

  get server(): Server {
    return this.#root.server;
  }

  protected get folder(): RemotePath {
    return this.entry.path;
  }

  protected get root(): ServerRow {
    return this.#root;
  }
}
