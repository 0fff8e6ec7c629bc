import { expect, test } from 'vitest';
import { messageOf } from '../../src/base/errors';
import { ApprovedCommands, type UnseenCommand } from '../../src/jobs/backUp/approvedCommands';
import type { Server } from '../../src/model/configuration/server';
import { serverAt } from '../ssh/setting';

class Memory {
  readonly kept = new Map<string, unknown>();
  get(key: string): unknown {
    return this.kept.get(key);
  }
  update(key: string, value: unknown): Promise<void> {
    // As a Memento keeps it: as JSON.
    this.kept.set(key, JSON.parse(JSON.stringify(value)));
    return Promise.resolve();
  }
}

class Person {
  readonly shown: UnseenCommand[][] = [];
  answer = true;
  readonly ask = (_server: Server, commands: readonly UnseenCommand[]): Promise<boolean> => {
    this.shown.push([...commands]);
    return Promise.resolve(this.answer);
  };
}

const hooks = { timeout: 1000, before: 'dump', after: 'rm dump' };

test('each command is shown once, and again when its text or the server is another', async () => {
  const memory = new Memory();
  const person = new Person();
  const ask = async (server: Server): Promise<string[]> => {
    await new ApprovedCommands(memory).require(server, person.ask);
    return person.shown.splice(0).flatMap((commands) => commands.map(({ text }) => text));
  };
  expect(await ask(serverAt(22))).toEqual([]);
  expect(await ask(serverAt(22, { hooks }))).toEqual(['dump', 'rm dump']);
  expect(await ask(serverAt(22, { hooks }))).toEqual([]);
  expect(await ask(serverAt(22, { name: 'other', hooks }))).toEqual([]);
  expect(await ask(serverAt(22, { hooks: { ...hooks, before: 'dump; curl evil' } }))).toEqual([
    'dump; curl evil',
  ]);
  for (const more of [{ host: 'other' }, { port: 23 }, { username: 'root' }, { jump: ['a@b'] }]) {
    expect(await ask(serverAt(22, { hooks, ...more }))).toEqual(['dump', 'rm dump']);
  }
});

test('what was refused is not remembered as allowed, and a schedule does not ask', async () => {
  const memory = new Memory();
  const approved = new ApprovedCommands(memory);
  const person = new Person();
  person.answer = false;
  const server = serverAt(22, { hooks });
  await expect(approved.require(server, person.ask)).rejects.toMatchObject({ kind: 'cancelled' });
  const alone = await approved.require(server, undefined).catch((error: unknown) => error);
  expect(alone).toMatchObject({ kind: 'hook' });
  expect(messageOf(alone)).toContain('Start a backup by hand');
  person.answer = true;
  await approved.require(server, person.ask);
  await approved.require(server, undefined);
});

test('what was kept by hand, or damaged, counts as nothing', async () => {
  const memory = new Memory();
  memory.kept.set('approvedCommands', { evil: true });
  const person = new Person();
  await new ApprovedCommands(memory).require(serverAt(22, { hooks }), person.ask);
  expect(person.shown).toHaveLength(1);
  // The memory holds no command, which may hold a secret.
  expect(JSON.stringify([...memory.kept])).not.toContain('dump');
});
