import type { Server } from '../../model/configuration/server';
import type { NameDecoder } from '../../model/manifest';

/** How the names of a server are shown: by the encoding that is configured for it. */
export function decoderOf(server: Server): NameDecoder {
  const decoder = new TextDecoder(server.encoding);
  return (bytes) => decoder.decode(bytes);
}
