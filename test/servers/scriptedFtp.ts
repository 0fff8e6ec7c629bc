import { createServer, type Server, type Socket } from 'node:net';

/** One control connection, as a script sees it. */
export interface Peer {
  /** Sends a reply; the line end is added. */
  say(reply: string): void;
  /** Sends bytes as they are. */
  raw(text: string): void;
  /** The data connection that the client makes to the port it was told last. */
  data(): Promise<Socket>;
  /** Opens a port for a data connection. */
  listen(): Promise<number>;
  /** Drops control and data connection without a word. */
  drop(): void;
  readonly number: number;
  /** Commands that have arrived and are not obeyed yet. */
  readonly queue: readonly string[];
}

export interface Script {
  /** Files by path without the leading `/`; folders are those that paths name. */
  readonly files?: Readonly<Record<string, Buffer | string>>;
  readonly features?: readonly string[];
  /** Instead of `220 ready`. Empty: silence. */
  readonly welcome?: (peer: Peer) => void;
  /** After so many bytes on the control connection it is reset. */
  readonly cutAfter?: number;
  /** Called before the usual answer; true: it was answered, or is not to be. */
  readonly on?: (command: string, argument: string, peer: Peer) => boolean | Promise<boolean>;
}

/** An FTP server in a few lines, that a test can make hostile or faulty at any point. */
export class ScriptedFtp implements AsyncDisposable {
  readonly #script: Script;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Every command received, in order. */
  readonly commands: string[] = [];
  /** Control connections so far. */
  connections = 0;
  /** How often something came over them: each is a round trip where the network is slow. */
  packets = 0;

  private constructor(script: Script) {
    this.#script = script;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(script: Script = {}): Promise<ScriptedFtp> {
    const ftp = new ScriptedFtp(script);
    await listening(ftp.#server);
    return ftp;
  }

  get port(): number {
    return portOf(this.#server);
  }

  /** Control and data connections that are open now. */
  get open(): number {
    return this.#sockets.size;
  }

  #serve(socket: Socket): void {
    this.connections += 1;
    socket.setNoDelay(true);
    this.#track(socket);
    const session = new Session(socket, this.connections, this.#script, (data) =>
      this.#track(data),
    );
    let rest = '';
    let turn = Promise.resolve();
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      this.packets += 1;
      const lines = (rest + chunk.toString()).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        this.commands.push(line);
        session.queue.push(line);
        turn = turn.then(() => session.obey(line)).catch(() => session.drop());
      }
    });
    socket.on('close', () => session.close());
    if (this.#script.welcome === undefined) session.say('220 ready');
    else this.#script.welcome(session);
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

class Session implements Peer {
  readonly number: number;
  readonly queue: string[] = [];
  readonly #socket: Socket;
  readonly #script: Script;
  readonly #track: (socket: Socket) => void;
  #passive: Server | undefined;
  #next: Promise<Socket> | undefined;
  #offset = 0;
  #sent = 0;
  #folder = '';

  constructor(socket: Socket, number: number, script: Script, track: (socket: Socket) => void) {
    this.#socket = socket;
    this.number = number;
    this.#script = script;
    this.#track = track;
  }

  say(reply: string): void {
    this.raw(`${reply}\r\n`);
  }

  raw(text: string): void {
    if (this.#socket.destroyed) return;
    const left = (this.#script.cutAfter ?? Number.POSITIVE_INFINITY) - this.#sent;
    this.#sent += text.length;
    this.#socket.write(text.slice(0, Math.max(0, left)), 'latin1');
    if (left < text.length) this.#socket.resetAndDestroy();
  }

  data(): Promise<Socket> {
    return this.#next ?? Promise.reject(new Error('no EPSV before'));
  }

  drop(): void {
    this.#socket.destroy();
    void this.#next?.then((data) => data.destroy());
  }

  close(): void {
    this.#passive?.close();
  }

  async obey(line: string): Promise<void> {
    this.queue.shift();
    const command = line.split(' ')[0] ?? '';
    const argument = line.slice(line.indexOf(' ') + 1);
    if ((await this.#script.on?.(command, argument, this)) === true) return;
    const usual = this.#usual[command];
    if (usual === undefined) this.say('200 yes');
    else await usual(argument.replace(/^\//, ''));
  }

  readonly #usual: Readonly<Record<string, (path: string) => Promise<void> | void>> = {
    PWD: () => this.say('257 "/" is where you are'),
    USER: () => this.say('331 password?'),
    PASS: () => this.say('230 in'),
    FEAT: () => this.#features(),
    EPSV: async () => {
      this.say(`229 here (|||${await this.listen()}|)`);
    },
    PASV: async () => {
      const port = await this.listen();
      // Not our address: a client that believes it ends up elsewhere.
      this.say(`227 here (192,0,2,1,${port >> 8},${port & 255})`);
    },
    CWD: (path) => {
      this.#folder = path;
      this.say(this.#hasFolder(path) ? '250 there' : '550 No such file or directory');
    },
    MLSD: () => this.#send(this.#mlsd()),
    LIST: () => this.#send(''),
    NLST: () =>
      this.#send(
        this.#names()
          .map((name) => `${name}\r\n`)
          .join(''),
      ),
    REST: (offset) => {
      this.#offset = Number(offset);
      this.say('350 go on');
    },
    RETR: (path) => this.#retrieve(path),
    SIZE: (path) => this.say(this.#file(path) === undefined ? '550 none' : '213 1'),
    QUIT: () => {
      this.#socket.end('221 bye\r\n');
    },
  };

  #features(): void {
    const features = this.#script.features ?? ['MLST type*;size*;modify*;', 'MDTM', 'SIZE'];
    const lines = features.map((feature) => ` ${feature}\r\n`).join('');
    this.raw(`211-Features:\r\n${lines}211 End\r\n`);
  }

  async listen(): Promise<number> {
    this.#passive?.close();
    const passive = createServer();
    this.#passive = passive;
    this.#next = new Promise((resolve) => {
      passive.once('connection', (socket: Socket) => {
        this.#track(socket);
        passive.close();
        resolve(socket);
      });
    });
    await listening(passive);
    return portOf(passive);
  }

  async #retrieve(path: string): Promise<void> {
    const content = this.#file(path);
    const offset = this.#offset;
    this.#offset = 0;
    if (content === undefined) this.say('550 No such file or directory');
    else await this.#send(content.subarray(offset));
  }

  async #send(content: Buffer | string): Promise<void> {
    const data = await this.data();
    this.say('150 here it comes');
    await new Promise<void>((resolve) => data.end(content, 'latin1', () => resolve()));
    this.say('226 done');
  }

  #file(path: string): Buffer | undefined {
    const content = this.#script.files?.[path];
    return content === undefined ? undefined : Buffer.from(content as string, 'latin1');
  }

  #hasFolder(path: string): boolean {
    const prefix = path === '' ? '' : `${path}/`;
    return path === '' || this.#paths().some((file) => file.startsWith(prefix));
  }

  #mlsd(): string {
    const prefix = this.#prefix;
    const lines = this.#names().map((name) => {
      const content = this.#file(prefix + name);
      const type = content === undefined ? 'dir' : `file;size=${content.length}`;
      return `type=${type};modify=20260102030405; ${name}\r\n`;
    });
    return `type=cdir;modify=20260102030405; .\r\n${lines.join('')}`;
  }

  get #prefix(): string {
    return this.#folder === '' ? '' : `${this.#folder}/`;
  }

  #names(): string[] {
    const prefix = this.#prefix;
    const inside = this.#paths().filter((path) => path.startsWith(prefix));
    return [...new Set(inside.map((path) => path.slice(prefix.length).split('/')[0] ?? ''))];
  }

  #paths(): string[] {
    return Object.keys(this.#script.files ?? {});
  }
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
