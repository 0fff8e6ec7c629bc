import type { Client } from 'ssh2';

import { certifiedAlgorithm, plainTypeOf, typeOfBlob } from './certificate';
import { offeredAs, type OfferedKey } from './offeredKey';
import { field } from './wireFields';

const userauthRequest = 50;

/** What is used of ssh2's protocol object (1.17.0), which its type declarations leave out. */
interface Protocol {
  authPK: (username: string, key: object, algorithm?: string, sign?: unknown) => void;
  readonly _kex: { readonly sessionID: Buffer };
  readonly _kexinit: unknown;
  _queue: Buffer[] | undefined;
  readonly _handlers: { EXT_INFO?: (protocol: Protocol, extensions: Extension[]) => void };
  readonly _authsQueue: string[];
  readonly _cipher: { encrypt(packet: Buffer): void };
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number;
      alloc(length: number): Buffer;
      finalize(packet: Buffer): Buffer;
    };
  };
}

/** What a server tells of itself (RFC 8308). */
interface Extension {
  readonly name: string;
  readonly algs?: readonly string[];
}

type Sign = (key: OfferedKey, data: Buffer, algorithm: string) => Promise<Buffer>;

/**
 * Has a client that has exchanged keys send our own requests for the keys of `offer` (RFC 4252, section 7).
 * ssh2 names the algorithm of the key for that of the signature too, which differ for a certificate, and has
 * no room for what a security key adds. `sign` must not reject unless it ends the login.
 */
export function sendOffers(client: Client, sign: Sign): void {
  const { _protocol: protocol } = client as unknown as { readonly _protocol: Protocol };
  const plainRequest = protocol.authPK.bind(protocol);
  const taken = algorithmsTakenBy(protocol);
  protocol.authPK = (username, key, algorithm, signPlain) => {
    const offered = offeredAs(key);
    if (!offered) {
      plainRequest(username, key, algorithm, signPlain);
      return;
    }
    const type = typeOfBlob(offered.blob);
    // For RSA ssh2 chooses by what the server says that it takes, and the longer hash last.
    const isShorter = algorithm === 'rsa-sha2-256' && taken.has('rsa-sha2-512');
    const signing = isShorter ? 'rsa-sha2-512' : (algorithm ?? plainTypeOf(type));
    const asked = plainTypeOf(type) === type ? signing : certifiedAlgorithm(signing);
    const isAccepted = signPlain !== undefined;
    const request = requestFor(username, asked, offered.blob, isAccepted);
    if (!isAccepted) {
      send(protocol, request);
      return;
    }
    const signed = Buffer.concat([field(protocol._kex.sessionID), request]);
    sign(offered, signed, signing).then(
      (signature) => send(protocol, Buffer.concat([request, field(signature)])),
      () => undefined,
    );
  };
}

/** The algorithms of signatures that the server takes, once it has said so: right after the keys were exchanged. */
function algorithmsTakenBy({ _handlers: handlers }: Protocol): ReadonlySet<string> {
  const taken = new Set<string>();
  const pass = handlers.EXT_INFO;
  handlers.EXT_INFO = (protocol, extensions) => {
    const told = extensions.find(({ name }) => name === 'server-sig-algs');
    for (const algorithm of told?.algs ?? []) taken.add(algorithm);
    pass?.(protocol, extensions);
  };
  return taken;
}

/** Without a signature the server is only asked whether it would take one. */
function requestFor(username: string, algorithm: string, blob: Buffer, isSigned: boolean): Buffer {
  return Buffer.concat([
    Buffer.from([userauthRequest]),
    ...[username, 'ssh-connection', 'publickey'].map(field),
    Buffer.from([isSigned ? 1 : 0]),
    field(algorithm),
    field(blob),
  ]);
}

function send(protocol: Protocol, payload: Buffer): void {
  const { write } = protocol._packetRW;
  const packet = write.alloc(payload.length);
  packet.set(payload, write.allocStart);
  const finished = write.finalize(packet);
  protocol._authsQueue.push('publickey');
  // While keys are exchanged anew, packets wait (RFC 4253, section 7.1).
  if (protocol._kexinit === undefined) protocol._cipher.encrypt(finished);
  else (protocol._queue ??= []).push(finished);
}
