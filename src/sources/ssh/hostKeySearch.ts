import type { ServerHostKeyAlgorithm } from 'ssh2';

import { BackupError } from '../../base/errors';
import type { Identity } from '../credentials';
import { hostKeyAlgorithms, hostKeyTypes, identify } from './hostKey';
import { KnownHosts } from './knownHosts';
import type { SshTarget } from './target';

/** Connects once. `look` is to be called with the key that the host shows. */
export type Connect<Result> = (
  algorithms: ServerHostKeyAlgorithm[],
  look: (key: Buffer) => Identity,
) => Promise<Result>;

/**
 * Connects to a host so that it shows the key that is known of it. A server has keys of several
 * types and shows one: the types of known_hosts are offered first; and if a pinned key is not the
 * one that is shown, the other types are asked for, each over a fresh connection, before the host is
 * refused.
 */
export async function withFittingHostKey<Result>(
  target: SshTarget,
  connect: Connect<Result>,
): Promise<Result> {
  const known = await KnownHosts.read(target.knownHostsFiles);
  const { host, port } = target.knownAs;
  const preferred = target.fingerprint === undefined ? known.typesFor(host, port) : [];
  const excluded = new Set<string>();
  let refused: BackupError | undefined;
  for (;;) {
    const algorithms = hostKeyAlgorithms(preferred, excluded);
    if (refused && algorithms.length === 0) throw refused;
    let shown: Identity | undefined;
    const look = (key: Buffer): Identity => (shown = identify(target, key, known));
    try {
      return await connect(algorithms, look);
    } catch (error) {
      if (!(error instanceof BackupError)) throw error;
      // The server has no key of the types that are left: the first refusal stands.
      if (refused && error.kind === 'protocol') throw refused;
      const other = error.kind === 'host-key' ? otherType(target, shown, excluded) : undefined;
      if (!other) throw error;
      refused ??= error;
      excluded.add(other);
    }
  }
}

/** The type of a key that is not the pinned one, if there are others to ask for. */
function otherType(
  { fingerprint }: SshTarget,
  shown: Identity | undefined,
  excluded: ReadonlySet<string>,
): string | undefined {
  if (fingerprint === undefined || shown?.trust !== 'changed') return undefined;
  return hostKeyTypes.includes(shown.type) && !excluded.has(shown.type) ? shown.type : undefined;
}
