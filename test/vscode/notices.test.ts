import { describe, expect, it } from 'vitest';
import { Notices } from '../../src/vscode/notices';
import { HandClock, settled } from './handClock';

/** A message that the person answers when the test says so. */
class Message {
  isShown = false;
  answer: (text: string) => void = () => undefined;
  readonly show = (): Promise<string> => {
    this.isShown = true;
    return new Promise((resolve) => (this.answer = resolve));
  };
}

describe('messages that can wait', () => {
  it('are shown at once where nothing else is to be answered', async () => {
    using notices = disposable(new Notices(new HandClock(0)));
    const message = new Message();
    const answered = notices.value.whenQuiet(message.show);
    await settled();
    expect(message.isShown).toBe(true);
    message.answer('yes');
    expect(await answered).toBe('yes');
  });

  it('wait for what will be told, and for its answer, and then for each other', async () => {
    using notices = disposable(new Notices(new HandClock(0)));
    const [closing, first, second] = [new Message(), new Message(), new Message()];
    const end = notices.value.hold();
    const answers = [first, second].map(({ show }) => notices.value.whenQuiet(show));
    await settled();
    expect([first.isShown, second.isShown]).toEqual([false, false]);
    const told = notices.value.show(closing.show());
    end();
    await settled();
    expect([first.isShown, second.isShown]).toEqual([false, false]);
    closing.answer('report');
    expect(await told).toBe('report');
    await settled();
    expect([first.isShown, second.isShown]).toEqual([true, false]);
    first.answer('one');
    await settled();
    expect(second.isShown).toBe(true);
    second.answer('two');
    expect(await Promise.all(answers)).toEqual(['one', 'two']);
  });

  it('wait no longer than the editor shows what nobody answers', async () => {
    const clock = new HandClock(0);
    using notices = disposable(new Notices(clock));
    const [closing, offer] = [new Message(), new Message()];
    void notices.value.show(closing.show());
    void notices.value.whenQuiet(offer.show);
    await clock.pass(14_000);
    expect(offer.isShown).toBe(false);
    await clock.pass(1000);
    expect(offer.isShown).toBe(true);
  });

  it('are shown also after one that could not be', async () => {
    using notices = disposable(new Notices(new HandClock(0)));
    const failing = notices.value.whenQuiet(() => Promise.reject(new Error('no window')));
    const message = new Message();
    void notices.value.whenQuiet(message.show);
    await expect(failing).rejects.toThrow('no window');
    await settled();
    expect(message.isShown).toBe(true);
  });
});

function disposable<T extends { dispose(): void }>(value: T): Disposable & { readonly value: T } {
  return { value, [Symbol.dispose]: () => value.dispose() };
}
