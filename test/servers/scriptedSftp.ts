/**
 * An SSH server that says what a test tells it to: asks questions, hangs, sends packets that no real
 * server sends.
 */
import { createHash } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';

import { Server, utils, type Connection, type ServerChannel } from 'ssh2';

/** A request as it came, without its length. */
export interface ScriptedRequest {
  readonly type: number;
  readonly id: number;
  /** The first string: a path or a handle. */
  readonly subject: string;
  /** Of a READ. */
  readonly offset: number;
  readonly length: number;
}

export interface ScriptedName {
  readonly name: string;
  /** Undefined: the attributes are left out. */
  readonly mode?: number;
  /** As 64 bits: negative numbers too. */
  readonly size?: number | bigint;
  readonly mtime?: number;
  /** As `ls -l` shows it. Default: nothing. */
  readonly longName?: string;
}

/** How the server behaves. What is left out is well-behaved. */
export interface Script {
  /** Answers a request itself, or gives false to have it answered well. */
  readonly answer?: (request: ScriptedRequest, reply: Reply) => boolean;
  /** The names in every folder. */
  readonly names?: readonly ScriptedName[];
  /** The content of every file. */
  readonly content?: Buffer;
  readonly greeting?: Buffer;
  /** Questions by keyboard-interactive, one round after the other, and the answers that are right. */
  readonly questions?: readonly (readonly { prompt: string; echo: boolean; answer: string }[])[];
  readonly password?: string;
  /** Never lets the handshake come to an end. */
  readonly mute?: boolean;
  readonly exec?: (command: string, channel: ServerChannel) => void;
  /** What `exec` does leaves in one packet of the network, with the success of the command in front. */
  readonly atOnce?: boolean;
}

const fileMode = 0o100644;

export class ScriptedSftp implements AsyncDisposable {
  /** What clients sent: `password:…`, `answer:…`, `method:…`. */
  readonly heard: string[] = [];
  readonly requests: ScriptedRequest[] = [];
  connections = 0;
  channels = 0;
  script: Script;
  readonly #server: Server;
  readonly #open = new Set<Connection>();
  readonly #hostKey = hostKey();

  private constructor(script: Script) {
    this.script = script;
    this.#server = new Server({ hostKeys: [this.#hostKey.private] }, (client) => {
      this.connections += 1;
      this.#open.add(client);
      // The type declarations leave it out.
      (client as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true);
      client.on('error', () => undefined).on('close', () => this.#open.delete(client));
      this.#serve(client);
    });
  }

  static async start(script: Script = {}): Promise<ScriptedSftp> {
    const scripted = new ScriptedSftp(script);
    scripted.#server.listen(0, '127.0.0.1');
    await once(scripted.#server, 'listening');
    return scripted;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get knownHostsLine(): string {
    return `[127.0.0.1]:${this.port} ${this.#hostKey.public}\n`;
  }

  /** `SHA256:…` of the host key. */
  get fingerprint(): string {
    const blob = Buffer.from(this.#hostKey.public.split(' ')[1] ?? '', 'base64');
    return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
  }

  /** Cuts all connections, as a broken network does. */
  breakConnections(): void {
    for (const client of this.#open)
      (client as unknown as { _sock: { destroy(): void } })._sock.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.breakConnections();
    this.#server.close();
    await Promise.resolve();
  }

  #serve(client: Connection): void {
    client.on('authentication', (context) => {
      this.heard.push(`method:${context.method}`);
      const { password, questions } = this.script;
      const methods = questions ? ['keyboard-interactive' as const] : ['password' as const];
      if (context.method === 'password') {
        this.heard.push(`password:${context.password}`);
        if (context.password === password) context.accept();
        else context.reject(methods);
      } else if (context.method === 'keyboard-interactive' && questions) {
        const ask = (round: number): void => {
          const prompts = questions[round];
          if (!prompts) {
            context.accept();
            return;
          }
          context.prompt([...prompts], 'Title', 'Instructions', (answers) => {
            this.heard.push(...answers.map((answer) => `answer:${answer}`));
            const right = prompts.every(({ answer }, index) => answer === answers[index]);
            if (right) ask(round + 1);
            else context.reject(methods);
          });
        };
        ask(0);
      } else if (password === undefined && !questions) {
        context.accept();
      } else if (this.script.mute !== true) {
        context.reject(methods);
      }
    });
    client.on('session', (accept) => {
      const session = accept();
      session.on('exec', (acceptExec, _reject, { command }) => {
        const socket = (client as unknown as { _sock: Socket })._sock;
        if (this.script.atOnce === true) socket.cork();
        this.script.exec?.(command, acceptExec());
        if (this.script.atOnce === true) setImmediate(() => socket.uncork());
      });
      session.on(
        'subsystem' as 'sftp',
        ((acceptSubsystem: () => ServerChannel) => {
          this.channels += 1;
          this.#talk(acceptSubsystem());
        }) as never,
      );
    });
  }

  #talk(channel: ServerChannel): void {
    let waiting = Buffer.alloc(0);
    channel.on('error', () => undefined);
    channel.on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      while (waiting.length >= 4 && waiting.length >= 4 + waiting.readUInt32BE(0)) {
        const length = waiting.readUInt32BE(0);
        this.#request(waiting.subarray(4, 4 + length), channel);
        waiting = waiting.subarray(4 + length);
      }
    });
  }

  #request(bytes: Buffer, channel: ServerChannel): void {
    const type = bytes[0] ?? 0;
    if (type === 1) {
      channel.write(this.script.greeting ?? Buffer.from([0, 0, 0, 5, 2, 0, 0, 0, 3]));
      return;
    }
    const end = 9 + bytes.readUInt32BE(5);
    const isRead = type === 5;
    const request: ScriptedRequest = {
      type,
      id: bytes.readUInt32BE(1),
      subject: bytes.toString('latin1', 9, end),
      offset: isRead ? Number(bytes.readBigUInt64BE(end)) : 0,
      length: isRead ? bytes.readUInt32BE(end + 8) : 0,
    };
    this.requests.push(request);
    const reply = new Reply(channel, request.id);
    if (this.script.answer?.(request, reply) !== true) this.#answerWell(request, reply);
  }

  readonly #listed = new Set<string>();
  #handles = 0;

  #answerWell(request: ScriptedRequest, reply: Reply): void {
    const content = this.script.content ?? Buffer.from('content');
    const attributes = { mode: fileMode, size: content.length, mtime: 1000 };
    switch (request.type) {
      case 3:
      case 11: {
        reply.handle(`h${(this.#handles += 1)}`);
        return;
      }
      case 12: {
        if (this.#listed.has(request.subject)) {
          reply.status(1, 'end');
          return;
        }
        this.#listed.add(request.subject);
        reply.names(this.script.names ?? []);
        return;
      }
      case 5: {
        const part = content.subarray(request.offset, request.offset + request.length);
        if (part.length === 0) reply.status(1, 'end');
        else reply.data(part);
        return;
      }
      case 7:
      case 8: {
        reply.attributes(attributes);
        return;
      }
      case 19: {
        reply.names([{ name: 'target' }]);
        return;
      }
      default: {
        reply.status(0, 'ok');
        return;
      }
    }
  }
}

/** ssh2 1.17 now and then makes a key that it cannot read itself. */
function hostKey(): { readonly private: string; readonly public: string } {
  for (;;) {
    const key = utils.generateKeyPairSync('ed25519', {});
    if (!(utils.parseKey(key.private) instanceof Error)) return key;
  }
}

/** The ways to answer one request. */
export class Reply {
  readonly channel: ServerChannel;
  readonly #id: number;

  constructor(channel: ServerChannel, id: number) {
    this.channel = channel;
    this.#id = id;
  }

  status(code: number, message: string, id = this.#id): void {
    this.packet(101, uint32(id), uint32(code), string(message), string(''));
  }

  handle(handle: string): void {
    this.packet(102, uint32(this.#id), string(handle));
  }

  data(content: Buffer): void {
    this.packet(103, uint32(this.#id), uint32(content.length), content);
  }

  names(names: readonly ScriptedName[]): void {
    const entries = names.flatMap((name) => [
      string(name.name),
      string(name.longName ?? ''),
      attributesOf(name),
    ]);
    this.packet(104, uint32(this.#id), uint32(names.length), ...entries);
  }

  attributes(attributes: Partial<ScriptedName>): void {
    this.packet(105, uint32(this.#id), attributesOf(attributes));
  }

  packet(type: number, ...parts: readonly Buffer[]): void {
    const body = Buffer.concat([Buffer.from([type]), ...parts]);
    this.channel.write(Buffer.concat([uint32(body.length), body]));
  }
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function uint64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(value)));
  return bytes;
}

/** A byte string with its length in front. */
export function string(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function attributesOf({ mode, size, mtime }: Partial<ScriptedName>): Buffer {
  const flags =
    (size === undefined ? 0 : 1) | (mode === undefined ? 0 : 4) | (mtime === undefined ? 0 : 8);
  const parts = [uint32(flags)];
  if (size !== undefined) parts.push(uint64(size));
  if (mode !== undefined) parts.push(uint32(mode));
  if (mtime !== undefined) parts.push(uint32(mtime), uint32(mtime));
  return Buffer.concat(parts);
}
