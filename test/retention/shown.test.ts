/* What a person has looked at before something is removed. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  applyRetention,
  explainRetention,
  planRetention,
} from '../../src/jobs/retention/retention';
import { optionsOf, runWith, withFiles } from './retained';

describe('what was shown', () => {
  it('is all that goes, though the rule lets more go by now', async () => {
    using fixture = withFiles();
    for (const changed of [0, 1, 2, 1]) await runWith(fixture, changed);
    const options = optionsOf(fixture, { keep: { last: 1 } });
    const shown = (await planRetention(options)).decisions.filter(({ keep }) => !keep);
    expect(shown.length).toBe(3);
    const looked = await fixture.store.ids();
    await runWith(fixture, 1);
    const only = new Set(shown.map(({ id }) => id));
    const { removed, freeing } = await applyRetention({ ...options, only });
    expect(removed).toEqual([...only]);
    // The one that was the newest then would go as well, but nobody has seen that.
    expect(freeing.each.has(looked[0] ?? '')).toBe(true);
    expect((await fixture.store.ids()).length).toBe(2);
  });

  it('frees only what was removed', async () => {
    using fixture = withFiles();
    for (const changed of [0, 1, 1]) await runWith(fixture, changed);
    const options = optionsOf(fixture, { keep: { last: 1 } });
    const [, second] = await fixture.store.ids();
    const { freedBytes, freeing } = await applyRetention({
      ...options,
      only: new Set([second ?? '']),
    });
    expect(freedBytes).toBe(freeing.each.get(second ?? ''));
  });

  it('says the same with its reasons, and only reads', async () => {
    using fixture = withFiles(40);
    for (const changed of [0, 1, 1]) await runWith(fixture, changed);
    const options = optionsOf(fixture, { keep: { last: 1 } });
    const { decisions } = await planRetention(options);
    expect(await explainRetention(options)).toEqual(decisions);
    fs.rmSync(fixture.store.layout.guard, { force: true });
    await explainRetention(options);
    expect(fs.existsSync(fixture.store.layout.guard)).toBe(false);
  });

  it('says that everything stays as long as something is suspicious', async () => {
    using fixture = withFiles(40);
    for (const changed of [0, 1]) await runWith(fixture, changed);
    const options = optionsOf(fixture, { keep: { last: 1 } });
    const [newest = ''] = await fixture.store.ids();
    const found = { snapshot: newest, reason: 'files-lost', lost: 30, of: 40 } as const;
    await fixture.store.guard.record(newest, [found]);
    const [, older] = await explainRetention(options);
    expect(older?.reasons).toEqual([`retention stopped: ${newest} is suspicious`]);
    const off = optionsOf(fixture, { keep: { last: 1 }, guard: false });
    expect((await explainRetention(off))[1]?.keep).toBe(false);
  });
});
