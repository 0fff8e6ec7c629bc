import fs from 'node:fs';
import { expect, it } from 'vitest';
import { account } from '../servers/account';
import { runKilled, runPlainly, runToTheEnd, type Kill, type Plain } from './killed';
import { makeFiles, openSlowPlace, slowProtocols } from './slowPlaces';

const mega = 1_000_000;
/** What comes of frames, names and answers beside the content. */
const overhead = 1.02;

/**
 * Files large and small. SFTP has the most to lose while it reads many files at once, FTP while each of
 * its connections reads a large one: so it begins with those.
 */
const sizes = [
  ...Array.from({ length: 3 }, () => 11 * mega),
  ...Array.from({ length: 16 }, () => mega),
  ...Array.from({ length: 200 }, (_none, number) => 1 + ((number * 7919) % 20_000)),
];

/** What came twice, over all the kills, beside what cannot but come in each run. */
function again(kills: readonly Kill[], last: number, { whole, listing }: Plain): number {
  const received = kills.reduce((sum, kill) => sum + kill.received, last);
  return received - whole * overhead - kills.length * listing;
}

// The line is slow, not the machine: they may wait side by side.
it.concurrent.each(slowProtocols)(
  '%s over a slow line, killed, receives no more again than the last seconds',
  async (protocol) => {
    const folder = `${account().home}/slow-${protocol.replaceAll(' ', '-')}-${process.pid}`;
    makeFiles(folder, protocol === 'sftp' ? sizes.toReversed() : sizes, 7);
    try {
      await using place = await openSlowPlace(protocol, folder);
      const plain = await runPlainly(place);
      place.line.rate = 3.2 * mega;
      using workspace = place.workspace();
      const first = await runKilled(place, workspace, 28 * mega);
      // Going on, a run must not lose what the one before has brought.
      const second = await runKilled(place, workspace, 6 * mega);
      const last = await runToTheEnd(place, workspace);
      const most = first.allowed + Math.min(second.allowed, second.received);
      expect(again([first, second], last, plain)).toBeLessThan(most);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  },
  600_000,
);
