import { featuresOf } from '../../src/sources/ftp/features';
import type { FolderConnection } from '../../src/sources/ftp/folder';
import { freshHabits, type Habits } from '../../src/sources/ftp/habits';
import type { Reply } from '../../src/sources/ftp/reply';
import { listingScript, type ListingWorld } from '../servers/listings/listingFtp';
import type { Peer } from '../servers/scriptedFtp';

/** A connection to a scripted server without a network between: a hundred times as fast. */
export class MemoryConnection implements FolderConnection {
  readonly habits: Habits = freshHabits();
  readonly failure = undefined;
  /** Every command that was sent. */
  readonly commands: string[] = [];
  readonly #script: ReturnType<typeof listingScript>;

  constructor(world: ListingWorld) {
    this.#script = listingScript(world);
    const lines = ['Features:', ...(this.#script.features ?? []).map((one) => ` ${one}`), 'End'];
    this.habits.features = featuresOf({ code: 211, lines });
  }

  get features(): FolderConnection['features'] {
    return this.habits.features ?? featuresOf({ code: 500, lines: [] });
  }

  async askAll(commands: readonly string[]): Promise<Reply[]> {
    const replies: Reply[] = [];
    for (const command of commands) replies.push((await this.#obey(command)).reply);
    return replies;
  }

  async transfer(
    ...[before, command, receive]: Parameters<FolderConnection['transfer']>
  ): ReturnType<FolderConnection['transfer']> {
    const prepared = await this.askAll(before);
    const { reply, data } = await this.#obey(command);
    if (data !== '') await receive(Buffer.from(data, 'latin1'));
    return { before: prepared, reply };
  }

  async #obey(line: string): Promise<{ reply: Reply; data: string }> {
    this.commands.push(line);
    const said: string[] = [];
    let data = '';
    const peer: Peer = {
      say: (reply) => void said.push(`${reply}\r\n`),
      raw: (text) => void said.push(text),
      data: () =>
        Promise.resolve({
          end: (text: string, _encoding: string, done?: () => void) => {
            data += text;
            done?.();
          },
        } as never),
      listen: () => Promise.reject(new Error('there are no ports')),
      drop: () => undefined,
      ...{ number: 1, queue: [] },
    };
    const at = line.indexOf(' ');
    const [command, argument] = at < 0 ? [line, line] : [line.slice(0, at), line.slice(at + 1)];
    await this.#script.on?.(command, argument, peer);
    const lines = said.join('').split('\r\n').slice(0, -1);
    const code = Number(lines.at(-1)?.slice(0, 3));
    const texts = lines.map((text) => (/^\d{3}[ -]/.test(text) ? text.slice(4) : text));
    return { reply: { code, lines: code === 226 ? texts.slice(-1) : texts }, data };
  }
}
