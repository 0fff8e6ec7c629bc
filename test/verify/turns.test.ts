import { expect, it } from 'vitest';
import { inTurns } from '../../src/base/turns';

it('goes through everything in its order, and lets others have their turn', async () => {
  const seen: number[] = [];
  const turns: number[] = [];
  let isOver = false;
  const other = (): void => {
    turns.push(seen.length);
    if (!isOver) setImmediate(other);
  };
  setImmediate(other);
  const items = Array.from({ length: 30 }, (_, index) => index);
  await inTurns(items, (item) => {
    seen.push(item);
    const until = performance.now() + 5;
    while (performance.now() < until);
  });
  isOver = true;
  expect(seen).toEqual(items);
  expect(turns.filter((at) => at > 0 && at < items.length).length).toBeGreaterThan(2);
});

it('throws what an action throws', async () => {
  const failing = inTurns([1, 2], () => {
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
});
