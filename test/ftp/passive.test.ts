import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { passivePortIn } from '../../src/sources/ftp/passive';
import type { Peer, Script } from '../servers/scriptedFtp';
import { contentOf, errorOf } from './ftpClient';
import { a, withServer } from './scripted';

/** What servers answer to EPSV and PASV, and the port in it. */
const answers: readonly (readonly [number, string, number | undefined])[] = [
  [229, 'Entering Extended Passive Mode (|||6446|)', 6446],
  [229, 'Entering Extended Passive Mode |||6446|', 6446],
  [229, 'Extended Passive mode OK ( | | | 6446 | )', 6446],
  [229, 'Extended Passive mode OK (||| 6446 |).', 6446],
  [229, 'ok (|1|192.0.2.7|6446|)', 6446],
  [229, 'ok (||192.0.2.7|6446|)', 6446],
  [229, 'ok (|2|2001:db8::7|6446|)', 6446],
  [229, 'ok (!!!6446!)', 6446],
  [229, 'ok (###6446#)', 6446],
  [229, 'ok ($$$6446$)', 6446],
  [229, 'Entering Extended Passive Mode (6446)', 6446],
  [229, '6446', 6446],
  [229, 'Entering Passive Mode (192,0,2,7,25,46)', 6446],
  [227, 'Entering Passive Mode (192,0,2,7,25,46).', 6446],
  [227, 'Entering Passive Mode 192,0,2,7,25,46', 6446],
  [227, '=192,0,2,7,25,46', 6446],
  [227, 'Entering Passive Mode ( 192, 0, 2, 7, 25, 46 )', 6446],
  [227, 'Entering Passive Mode (0,0,0,0,25,46)', 6446],
  [227, 'Entering Passive Mode (10,0,0,1,25,46)', 6446],
  [227, 'Entering Extended Passive Mode (|||6446|)', 6446],
  [200, 'PORT=192,0,2,7,25,46', 6446],
  [229, 'nothing', undefined],
  [229, '(|||0|)', undefined],
  [229, '(|||99999|)', undefined],
  [229, 'mode 1 of 2', undefined],
  [227, 'Entering Passive Mode (192,0,2,7,256,46)', undefined],
  [227, 'Entering Passive Mode (192,0,2,7)', undefined],
];

describe('the port in an answer', () => {
  it.each(answers)('%d %s', (code, text, port) => {
    expect(passivePortIn({ code, lines: [text] })).toBe(port);
  });
});

/** A port on loopback that nobody listens at. */
function closedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

const answering = (command: string, say: (peer: Peer) => void): Script => ({
  on: (name, _argument, peer) => {
    if (name === command) say(peer);
    return name === command;
  },
});

const fallbacks: readonly (readonly [string, (closed: number) => string])[] = [
  ['is not known', () => '500 no'],
  ['is not implemented', () => '502 no'],
  ['is for another network protocol', () => '522 Network protocol not supported, use (2)'],
  ['is refused for now', () => '425 no'],
  ['is not allowed', () => '550 Permission denied'],
  ['gives no port', () => '229 nothing'],
  ['gives port 0', () => '229 (|||0|)'],
  ['gives an impossible port', () => '229 (|||99999|)'],
  ['gives a port that nobody listens at', (closed) => `229 ok (|||${closed}|)`],
];

describe('PASV, whose address is ignored, is used where EPSV', () => {
  it.each(fallbacks)('%s', async (_what, answer) => {
    const closed = await closedPort();
    const script = answering('EPSV', (peer) => peer.say(answer(closed)));
    await withServer(script, async (server, ftp) => {
      for (let count = 0; count < 4; count += 1) {
        expect((await contentOf(server, a)).content.toString()).toBe('content of a');
      }
      expect(ftp.commands.filter((command) => command === 'EPSV')).toHaveLength(1);
      expect(ftp.connections).toBe(1);
    });
  });

  it('is never answered: from the next login on', () =>
    withServer(
      answering('EPSV', () => undefined),
      async (server, ftp) => {
        await errorOf(contentOf(server, a));
        expect((await contentOf(server, a)).content.toString()).toBe('content of a');
        expect(ftp.commands.filter((command) => command === 'EPSV')).toHaveLength(1);
      },
    ));

  it('leads to a port that the server itself cannot use', () => {
    let passive = '';
    const on = (command: string, _argument: string, peer: Peer): boolean => {
      if (command === 'EPSV' || command === 'PASV') passive = command;
      const refused = command === 'RETR' && passive === 'EPSV';
      if (refused) peer.say("425 Can't open data connection");
      return refused;
    };
    return withServer({ on }, async (server) => {
      expect((await contentOf(server, a)).content.toString()).toBe('content of a');
    });
  });
});

describe('EPSV answered in the form of PASV', () => {
  it('is understood', () =>
    withServer(
      {
        on: async (command, _argument, peer) => {
          if (command !== 'EPSV') return false;
          const port = await peer.listen();
          peer.say(`227 Entering Passive Mode (192,0,2,1,${port >> 8},${port & 255})`);
          return true;
        },
      },
      async (server, ftp) => {
        for (let count = 0; count < 3; count += 1) {
          expect((await contentOf(server, a)).content.toString()).toBe('content of a');
        }
        expect(ftp.commands).not.toContain('PASV');
      },
    ));
});

describe('where neither EPSV nor PASV leads to a connection', () => {
  it.each(['500 no', '229 nothing', '425 no', '227 (10,0,0,1)'])(
    'after %s, both are named',
    (reply) =>
      withServer(
        {
          on: (command, _argument, peer) => {
            const asked = command === 'EPSV' || command === 'PASV';
            if (asked) peer.say(reply);
            return asked;
          },
        },
        async (server) => {
          const error = await errorOf(contentOf(server, a));
          expect(error.kind).toMatch(/^(protocol|connection)$/);
          expect(error.message).toMatch(/EPSV.*PASV/);
        },
      ),
  );
});
