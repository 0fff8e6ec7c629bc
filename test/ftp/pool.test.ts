import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/model/entry';
import { remotePath, rootPath } from '../../src/model/remotePath';
import { openFtpServer } from '../../src/sources/ftp/ftpServer';
import { ScriptedFtp, type Peer, type Script } from '../servers/scriptedFtp';
import { contentOf, environment, errorOf, ftpServer, never } from './ftpClient';
import { a, b, files, timeout, withServer } from './scripted';

describe('commands sent ahead', () => {
  /** Answers EPSV behind RETR in the middle of the transfer, as ProFTPD and Pure-FTPd may do. */
  const outOfTurn = (refusal: string): Script => {
    let answered = false;
    return {
      on: async (command, _argument, peer) => {
        if (command === 'EPSV' && answered) {
          answered = false;
          return true;
        }
        if (command !== 'RETR') return false;
        const data = await peer.data();
        peer.say('150 here');
        answered = peer.queue[0] === 'EPSV';
        if (answered) peer.say(refusal);
        await new Promise<void>((resolve) => data.end(files['a.txt'], () => resolve()));
        peer.say('226 done');
        return true;
      },
    };
  };

  it.each(['450 EPSV: data transfer in progress', '500 ?'])('may be refused: %s', (refusal) =>
    withServer(outOfTurn(refusal), async (server, ftp) => {
      for (let count = 0; count < 3; count += 1) {
        expect((await contentOf(server, a)).content.toString()).toBe('content of a');
      }
      expect(ftp.connections).toBe(1);
    }),
  );

  it('may be thrown away: then none is sent any more', () => {
    let thrown = false;
    const on = (command: string, _argument: string, peer: Peer): boolean => {
      const ignored = thrown && command === 'EPSV';
      thrown = command === 'RETR' && peer.queue[0] === 'EPSV';
      return ignored;
    };
    return withServer({ on }, async (server, ftp) => {
      for (let count = 0; count < 4; count += 1) {
        expect((await contentOf(server, a)).content.toString()).toBe('content of a');
      }
      expect(ftp.connections).toBe(2);
    });
  });
});

describe('the pool', () => {
  it('replaces a connection that was lost while idle', () => {
    let peers: Peer[] = [];
    const welcome = (peer: Peer): void => {
      peers.push(peer);
      peer.say('220 hi');
    };
    return withServer({ welcome }, async (server) => {
      await contentOf(server, a);
      for (const peer of peers) peer.say('421 idle for too long');
      expect((await contentOf(server, a)).content).toHaveLength(12);
      for (const peer of peers) peer.drop();
      expect((await contentOf(server, a)).content).toHaveLength(12);
      peers = [];
    });
  });

  it('lowers its width where further logins are refused, and asks no more', () => {
    const on = (command: string, _argument: string, peer: Peer): boolean => {
      const refused = command === 'PASS' && peer.number > 2;
      if (refused) peer.say('530 Sorry, you have enough of them');
      return refused;
    };
    return withServer({ on }, async (server, ftp) => {
      await Promise.all(Array.from({ length: 30 }, () => contentOf(server, b)));
      await expect.poll(() => server.listingWidth).toBe(2);
      const { connections } = ftp;
      await Promise.all(Array.from({ length: 30 }, () => contentOf(server, b)));
      expect(ftp.connections).toBe(connections);
      expect(connections).toBeLessThanOrEqual(6);
    });
  });

  it('gives up with an error of the run when the server stays away', async () => {
    const ftp = await ScriptedFtp.start({ files });
    const config = ftpServer(ftp.port, { timeout });
    await using server = await openFtpServer(config, environment('secret'), never);
    await ftp[Symbol.asyncDispose]();
    const errors = await Promise.all([1, 2, 3].map(() => errorOf(contentOf(server, a))));
    for (const error of errors) expect(error).toMatchObject({ kind: 'connection', scope: 'run' });
  });

  it('ends at once when it is cancelled, leaving no socket', async () => {
    await using ftp = await ScriptedFtp.start({ files, on: (command) => command === 'RETR' });
    const config = ftpServer(ftp.port, { timeout: 30_000, connections: 2 });
    const abort = new AbortController();
    const server = await openFtpServer(config, environment('secret'), abort.signal);
    const write = (): undefined => undefined;
    const reads = [a, a, a, b].map((entry) => errorOf(server.read(entry, 0, write, abort.signal)));
    await new Promise((resolve) => setTimeout(resolve, 100));
    abort.abort();
    for (const error of await Promise.all(reads)) expect(error.kind).toBe('cancelled');
    await server[Symbol.asyncDispose]();
    await expect.poll(() => ftp.open).toBe(0);
  });

  it('stops opening when it is cancelled', async () => {
    await using ftp = await ScriptedFtp.start({ welcome: () => undefined });
    const abort = new AbortController();
    const config = ftpServer(ftp.port, { timeout: 30_000 });
    const opening = errorOf(openFtpServer(config, environment('secret'), abort.signal));
    await new Promise((resolve) => setTimeout(resolve, 50));
    abort.abort();
    expect((await opening).kind).toBe('cancelled');
    await expect.poll(() => ftp.open).toBe(0);
  });
});

describe('names in another encoding', () => {
  it('become UTF-8 here and are asked for as the server spells them', () =>
    withServer(
      { files: { '\xe9t\xe9.txt': 'content of a' } },
      async (server, ftp) => {
        const [entry] = await server.list(rootPath, never);
        expect(entry?.path).toBe(remotePath('été.txt'));
        expect((await contentOf(server, entry as Entry)).content).toHaveLength(12);
        expect(ftp.commands).toContain('RETR /\xe9t\xe9.txt');
        expect(ftp.commands).not.toContain('OPTS UTF8 ON');
      },
      { encoding: 'latin1' },
    ));
});
