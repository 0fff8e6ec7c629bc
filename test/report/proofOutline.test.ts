import { expect, it } from 'vitest';
import { english } from '../../src/base/localization';
import { outlineBody } from '../../src/report/outlineHtml';
import { damageCounts, damagedIn, proofOutline, type Proof } from '../../src/report/proofOutline';

const whole = {
  ...({ snapshot: '2026-11-23T07-00-00Z', status: 'whole' } as const),
  ...{ checkedFiles: 1204, checkedBytes: 5_000_000, damaged: [], damagedCount: 0 },
};

const damage = { path: '/www/<b>.php', kind: 'changed', repaired: false } as const;

const damaged = {
  ...({ ...whole, snapshot: '2026-11-22T07-00-00Z', status: 'damaged' } as const),
  ...{ damaged: [damage, { ...damage, path: '/www/b', repaired: true }], damagedCount: 2 },
};

const proof: Proof = {
  ...{ server: 'web', endpoint: 'sftp://web:22', finished: 'today', seconds: 3, repair: false },
  ...{ cancelled: false, snapshots: [whole] },
};

const outlineOf = (changes: Partial<Proof>) =>
  proofOutline({ ...proof, ...changes }, (id) => `date of ${id}`, english);

it.each<[Partial<Proof>, string]>([
  [{}, 'Whole: all'],
  [{ cancelled: true }, 'It was cancelled before everything was looked at. Whole: all'],
  [{ snapshots: [whole, damaged] }, 'Damaged, and not what was backed up: 1 entry.'],
  [{ snapshots: [damaged], repair: true }, 'Still damaged: 1 entry.'],
  [
    {
      snapshots: [{ ...damaged, damaged: [{ ...damage, repaired: true }], damagedCount: 1 }],
      repair: true,
    },
    'Whole again',
  ],
])('says what it came to: %#', (changes, verdict) => {
  expect(outlineOf(changes).verdict).toContain(verdict);
});

it('names what is damaged, and counts what it does not name', () => {
  const snapshots = [whole, { ...damaged, damagedCount: 7000 }];
  const { sections } = outlineOf({ snapshots });
  expect(sections.map(({ title }) => title)).toEqual([
    'Snapshot date of 2026-11-22T07-00-00Z',
    'What Was Looked At',
  ]);
  expect(sections[0]?.lines[1]).toMatchObject({ path: '/www/b', mark: 'mended' });
  expect(sections[0]?.more).toBe('… and 6,998 more.');
  expect(damageCounts({ snapshots })).toEqual({ left: 6999, mended: 1 });
  expect(damagedIn({ ...proof, snapshots }).map(({ snapshot }) => snapshot)).toEqual([
    damaged.snapshot,
  ]);
});

it('becomes HTML in which no name is markup, with what helps under its heading', () => {
  const outline = outlineOf({ snapshots: [damaged] });
  const html = outlineBody(outline, (section) =>
    section === outline.sections[0] ? '<a></a>' : '',
  );
  const text = html.join('\n');
  expect(text).toContain('&lt;b&gt;.php');
  expect(text).not.toContain('<b>');
  expect(text).toMatch(/<h2>Snapshot .*<\/h2>\n<a><\/a>/);
});
