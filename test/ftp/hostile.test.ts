import { describe, expect, it } from 'vitest';
import { fromBytes, rootPath } from '../../src/model/remotePath';
import { openFtpServer } from '../../src/sources/ftp/ftpServer';
import { ScriptedFtp, type Peer, type Script } from '../servers/scriptedFtp';
import { contentOf, environment, errorOf, ftpServer, never } from './ftpClient';
import { a, b, files, timeout, withServer } from './scripted';

const opened = async (ftp: ScriptedFtp): Promise<void> => {
  const config = ftpServer(ftp.port, { timeout });
  await using server = await openFtpServer(config, environment('secret'), never);
  await server.list(rootPath, never);
};

/** Milliseconds: a deadline was kept, however busy the machine. */
const muchLater = 30_000;

describe('a scripted server', () => {
  it('is listed and read', () =>
    withServer({}, async (server) => {
      const entries = await server.list(rootPath, never);
      expect(entries.map((entry) => entry.path)).toEqual(['a.txt', 'folder']);
      expect((await contentOf(server, a)).content.toString()).toBe('content of a');
      expect((await contentOf(server, b, 99_000)).content).toHaveLength(1000);
    }));

  it('is sent the EPSV of the next file together with RETR, once it has shown that it answers in order', () =>
    withServer(
      {},
      async (server, ftp) => {
        const wanted = [a, a, a, b];
        await Promise.all(wanted.map((entry) => contentOf(server, entry)));
        const dialogue = ftp.commands.slice(ftp.commands.indexOf('EPSV'));
        const [careful, probed] = [
          ['EPSV', 'RETR /a.txt'],
          ['EPSV', 'RETR /a.txt', 'PWD'],
        ];
        const quick = ['EPSV', 'RETR /a.txt', 'EPSV', 'RETR /folder/b.txt', 'EPSV'];
        expect(dialogue).toEqual([...careful, ...probed, ...quick]);
      },
      { connections: 1 },
    ));
});

describe('a server that is no FTP server, or not a good one', () => {
  const welcomes: readonly (readonly [string, (peer: Peer) => void, string])[] = [
    ['speaks HTTP', (peer) => peer.raw('HTTP/1.1 400 Bad Request\r\n\r\n'), 'timeout|protocol'],
    ['says nothing', () => undefined, 'timeout'],
    ['hangs up', (peer) => peer.drop(), 'connection'],
    ['is full', (peer) => peer.say('421 too many connections'), 'too-many-connections'],
    ['is out of order', (peer) => peer.say('500 no'), 'protocol'],
    ['never ends a line', (peer) => peer.raw('220-'.padEnd(300_000, 'x')), 'protocol|connection'],
    ['speaks SSH', (peer) => peer.raw('SSH-2.0-OpenSSH_9.2\r\n'), 'timeout|protocol'],
  ];
  it.each(welcomes)('that %s', async (_what, welcome, kinds) => {
    await using ftp = await ScriptedFtp.start({ welcome });
    const start = performance.now();
    const error = await errorOf(opened(ftp));
    expect(error.kind).toMatch(new RegExp(`^(${kinds})$`));
    expect(error.scope).toBe('run');
    expect(performance.now() - start).toBeLessThan(muchLater);
  });

  it.each(['USER', 'PASS', 'FEAT', 'TYPE', 'EPSV', 'CWD', 'MLSD', 'LIST'])(
    'that says nothing to %s',
    async (silent) => {
      await using ftp = await ScriptedFtp.start({ files, on: (command) => command === silent });
      const start = performance.now();
      expect((await errorOf(opened(ftp))).kind).toMatch(/^(timeout|connection)$/);
      expect(performance.now() - start).toBeLessThan(muchLater);
    },
  );

  it.each(['USER', 'PASS', 'FEAT', 'TYPE', 'EPSV', 'CWD', 'MLSD'])(
    'that answers %s with garbage',
    async (command) => {
      const on = (name: string, _argument: string, peer: Peer): boolean => {
        if (name === command) peer.raw('\x00\xff<html>\r\n');
        return name === command;
      };
      await using ftp = await ScriptedFtp.start({ files, on });
      expect((await errorOf(opened(ftp))).kind).toMatch(/^(protocol|timeout|connection)$/);
    },
  );

  it('that is cut off at any byte', async () => {
    const kinds = new Set<string>();
    for (let cutAfter = 0; cutAfter < 500; cutAfter += 11) {
      await using ftp = await ScriptedFtp.start({ files, cutAfter });
      const outcome = opened(ftp).then(() => 'done');
      kinds.add(await Promise.race([outcome, errorOf(outcome)].map(nameOfOutcome)));
    }
    expect([...kinds].sort()).toEqual(['connection', 'done']);
  });
});

async function nameOfOutcome(outcome: Promise<unknown>): Promise<string> {
  const result: unknown = await outcome.catch((error: unknown) => error);
  return typeof result === 'string' ? result : String((result as { kind?: string }).kind);
}

describe('a listing', () => {
  const mlsd = (text: string): Script => ({
    on: async (command, _argument, peer) => {
      if (command !== 'MLSD') return false;
      const data = await peer.data();
      peer.say('150 here');
      data.end(text, 'latin1');
      peer.say('226 done');
      return true;
    },
  });

  it.each(['..\\x/../y', 'a/b', '/etc/passwd', 'nul\0byte'])(
    'with the name %j is refused',
    (name) =>
      withServer(mlsd(`type=file;size=1; ${name}\r\n`), async (server) => {
        expect(await errorOf(server.list(rootPath, never))).toMatchObject({ kind: 'protocol' });
      }),
  );

  it('that is an HTML page is refused', () =>
    withServer(mlsd('<html>\r\n<body>\r\n'), async (server) => {
      expect(await errorOf(server.list(rootPath, never))).toMatchObject({ kind: 'protocol' });
    }));

  it('without end is ended', () =>
    withServer(
      {
        on: async (command, _argument, peer) => {
          if (command !== 'MLSD') return false;
          const data = await peer.data();
          peer.say('150 here');
          const line = 'type=file;size=1; x\r\n'.repeat(50_000);
          const more = (): void => {
            if (!data.destroyed) data.write(line, more);
          };
          more();
          return true;
        },
      },
      async (server) => {
        expect(await errorOf(server.list(rootPath, never))).toMatchObject({ kind: 'protocol' });
      },
    ));
});

describe('a second view by LIST', () => {
  it('is not needed where nobody can read it', () =>
    withServer(
      {
        on: async (command, _argument, peer) => {
          if (command !== 'LIST') return false;
          const data = await peer.data();
          peer.say('150 here');
          data.end('a.txt, 12 bytes, yesterday\r\n');
          peer.say('226 done');
          return true;
        },
      },
      async (server, ftp) => {
        expect(await server.list(rootPath, never)).toHaveLength(2);
        expect(ftp.connections).toBe(1);
      },
    ));
});

describe('a transfer', () => {
  const retr = (answer: (peer: Peer) => Promise<void> | void): Script => ({
    on: async (command, _argument, peer) => {
      if (command !== 'RETR') return false;
      await answer(peer);
      return true;
    },
  });
  const partly = async (peer: Peer, last: string): Promise<void> => {
    const data = await peer.data();
    peer.say('150 here');
    await new Promise<void>((resolve) => data.end('content', () => resolve()));
    peer.say(last);
  };

  it.each([
    [
      'announced without end',
      (peer: Peer): void => {
        setInterval(() => peer.say('150 soon'), 10).unref();
      },
      'protocol|timeout',
    ],
    ['that never comes', (peer: Peer) => peer.say('150 soon'), 'timeout'],
    ['that breaks off', (peer: Peer) => partly(peer, '426 broken'), 'connection'],
    ['that fails at the server', (peer: Peer) => partly(peer, '451 disk'), 'connection'],
    ['that ends with the connection', (peer: Peer) => peer.drop(), 'connection'],
    ['that is forbidden', (peer: Peer) => peer.say('550 Permission denied'), 'permission'],
    ['of something else', (peer: Peer) => peer.say('550 Whatever'), 'permission'],
    ['without a data connection', (peer: Peer) => peer.say('425 no data connection'), 'connection'],
  ] as const)('%s', (_what, answer, kinds) =>
    withServer(retr(answer), async (server) => {
      const start = performance.now();
      const error = await errorOf(contentOf(server, a));
      expect(error.kind).toMatch(new RegExp(`^(${kinds})$`));
      expect(error.scope).toBe('entry');
      expect(performance.now() - start).toBeLessThan(muchLater);
      // Whatever happened, the next task has a connection.
      expect(await server.list(rootPath, never)).toHaveLength(2);
    }),
  );

  it('that is shorter than listed, and is said to be done', () =>
    withServer(
      retr((peer) => partly(peer, '226 done')),
      async (server) => {
        expect(await contentOf(server, a)).toMatchObject({ grown: false, short: true });
        expect(await server.list(rootPath, never)).toHaveLength(2);
      },
    ));

  it('is continued from an offset although the server knows no REST', () =>
    withServer(
      {
        on: (command, _argument, peer) => {
          if (command === 'REST') peer.say('502 no');
          return command === 'REST';
        },
      },
      async (server) => {
        expect((await contentOf(server, a, 8)).content.toString()).toBe('of a');
      },
    ));

  it('never has a line break in its command', () =>
    withServer({}, async (server, ftp) => {
      const path = fromBytes(Buffer.from('x\r\nDELE a.txt'));
      const error = await errorOf(contentOf(server, { ...a, path }));
      expect(error).toMatchObject({ kind: 'protocol', scope: 'entry' });
      expect((await errorOf(server.list(path, never))).kind).toBe('protocol');
      expect(ftp.commands.join('\n')).not.toContain('DELE');
      expect(ftp.connections).toBe(1);
    }));
});
