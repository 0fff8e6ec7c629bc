import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { account } from '../servers/account';
import { runKilled, runPlainly, runToTheEnd } from './killed';
import { makeFiles, openSlowPlace, slowProtocols } from './slowPlaces';

const mega = 1_000_000;
const overhead = 1.02;
/** What may come again: 16 MiB, as the line is slower than that in five seconds. */
const mostAgain = 16 * 1024 * 1024;
const folder = `${account().home}/stopped-${process.pid}`;

beforeAll(() => {
  makeFiles(folder, [...Array.from({ length: 12 }, () => mega), 14 * mega, 14 * mega], 5);
});

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('a run over a slow line that is stopped', () => {
  it.concurrent.each(['SIGTERM', 'SIGHUP'] as const)(
    'by %s keeps what has come, says so, and the next run goes on',
    async (signal) => {
      await using place = await openSlowPlace('sftp', folder);
      const plain = await runPlainly(place);
      place.line.rate = 5 * mega;
      using workspace = place.workspace();
      const stopped = await runKilled(place, workspace, 24 * mega, signal);
      expect(stopped.code).toBe(130);
      const again = stopped.received + (await runToTheEnd(place, workspace));
      // Nothing but what was on its way and what a small file had.
      expect(again).toBeLessThan(plain.whole * overhead + plain.listing + 6 * mega);
    },
  );

  it.concurrent.each(slowProtocols)(
    'by the line going dead without a word goes on over a new connection: %s',
    async (protocol) => {
      await using place = await openSlowPlace(protocol, folder);
      const { line, env } = place;
      const { whole, listing } = await runPlainly(place);
      line.rate = 5 * mega;
      using workspace = place.workspace({ timeout: 5 });
      const before = line.passed;
      let died = false;
      line.onPassed = () => {
        if (died || line.passed - before < 24 * mega) return;
        died = true;
        // As when a laptop sleeps: nobody tells either end.
        line.abandonConnections();
        line.rate = Infinity;
      };
      const { code, out } = await workspace.run(['backup', '--json'], { env });
      expect(code, out).toBe(0);
      expect(died).toBe(true);
      expect(line.passed - before).toBeLessThan(whole * overhead + listing + mostAgain);
    },
  );
});
