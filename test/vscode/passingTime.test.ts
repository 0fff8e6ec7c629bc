import { describe, expect, it } from 'vitest';
import { PassingTime } from '../../src/vscode/passingTime';
import { HandClock, settled } from './handClock';

class View {
  visible: boolean;
  #tell: () => void = () => undefined;

  constructor(visible: boolean) {
    this.visible = visible;
  }

  readonly onDidChangeVisibility = (listener: () => void) => {
    this.#tell = listener;
    return { dispose: () => (this.#tell = () => undefined) };
  };

  async show(visible: boolean): Promise<void> {
    this.visible = visible;
    this.#tell();
    await settled();
  }
}

describe('rows that say how long ago something was', () => {
  it('are redrawn as a minute of the clock begins, while a view is seen', async () => {
    const clock = new HandClock(50_000);
    const [servers, snapshots] = [new View(true), new View(false)];
    let drawn = 0;
    const passing = new PassingTime(clock, [servers, snapshots], () => (drawn += 1));
    await settled();
    expect([drawn, clock.sleepers]).toEqual([1, 1]);
    await clock.pass(9000);
    expect(drawn).toBe(1);
    await clock.pass(1000);
    expect(drawn).toBe(2);
    await clock.pass(60_000);
    expect([drawn, clock.sleepers]).toEqual([3, 1]);
    passing.dispose();
    await settled();
    expect(clock.sleepers).toBe(0);
  });

  it('cost nothing while none is seen, and are right when one comes to be seen', async () => {
    const clock = new HandClock(0);
    const [servers, snapshots] = [new View(true), new View(true)];
    let drawn = 0;
    const passing = new PassingTime(clock, [servers, snapshots], () => (drawn += 1));
    await servers.show(false);
    expect(clock.sleepers).toBe(1);
    await snapshots.show(false);
    const before = drawn;
    expect(clock.sleepers).toBe(0);
    await clock.pass(600_000);
    expect(drawn).toBe(before);
    await snapshots.show(true);
    expect([drawn, clock.sleepers]).toEqual([before + 1, 1]);
    await servers.show(true);
    expect(clock.sleepers).toBe(1);
    passing.dispose();
  });
});
