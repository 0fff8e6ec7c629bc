import { describe, expect, test } from 'vitest';

import { remotePath, rootPath } from '../../src/model/remotePath';
import { openSftpServer } from '../../src/sources/sftp/sftpServer';
import { ScriptedSftp, string, uint32, type Script } from '../servers/scriptedSftp';
import { never, serverAt } from '../ssh/setting';
import { failure, file, scriptedWorld, timeout } from './scriptedWorld';

const world = scriptedWorld();

describe('names that no server should list', () => {
  test.each([
    ['a way up', '../x'],
    ['an absolute path', '/etc/passwd'],
    ['a slash', 'a/b'],
    ['NUL', 'a\0b'],
    ['nothing', ''],
    ['a very long one', 'x'.repeat(2000)],
  ])('%s', async (_what, name) => {
    await world.open({
      names: [
        { name: 'good', mode: 0o100644, size: 1 },
        { name, mode: 0o100644, size: 1 },
      ],
    });
    expect(await failure(world.sftp.list(rootPath, never))).toMatchObject({ kind: 'protocol' });
  });

  test('. and .. are left out', async () => {
    const mode = 0o40755;
    await world.open({ names: ['.', '..', 'sub'].map((name) => ({ name, mode })) });
    expect(await world.sftp.list(rootPath, never)).toMatchObject([
      { path: 'sub', type: 'directory' },
    ]);
  });
});

describe('answers that no server should give', () => {
  test.each<[string, Script['answer']]>([
    ['another number', (_request, reply) => (reply.status(0, '', 77_777), true)],
    [
      'a packet too long',
      (_request, { channel }) => (channel.write(Buffer.from('7fffffff66', 'hex')), true),
    ],
    ['an empty packet', (_request, { channel }) => (channel.write(Buffer.alloc(8)), true)],
    ['an unknown type', ({ id }, reply) => (reply.packet(99, uint32(id)), true)],
    ['a second greeting', (_request, reply) => (reply.packet(2, uint32(3)), true)],
    ['half an answer', ({ id }, reply) => (reply.packet(105, uint32(id), uint32(1)), true)],
    ['unknown attributes', ({ id }, reply) => (reply.packet(105, uint32(id), uint32(0x70)), true)],
    [
      'endless extensions',
      ({ id }, reply) => (
        reply.packet(105, uint32(id), uint32(0x8000_0000), uint32(2 ** 31)),
        true
      ),
    ],
    ['a handle for attributes', (_request, reply) => (reply.handle('h'), true)],
    ['content for attributes', (_request, reply) => (reply.data(Buffer.alloc(9)), true)],
    [
      'content longer than its packet',
      ({ id }, reply) => (reply.packet(103, uint32(id), uint32(2 ** 20)), true),
    ],
    ['nothing at all', () => true],
    ['one byte', (_request, { channel }) => (channel.write(Buffer.alloc(1)), true)],
    ['the end of the channel', (_request, { channel }) => (channel.end(), true)],
  ])('to LSTAT: %s', async (_what, answer) => {
    await world.open({ answer: (request, reply) => request.type === 7 && answer!(request, reply) });
    const error = await failure(world.sftp.stat(remotePath('/file'), never));
    expect(['protocol', 'timeout', 'connection']).toContain(error.kind);
    expect(error.message).not.toContain('\x1b');
    // And the next call works, over a connection that is opened anew where it had to be dropped.
    world.scripted.script = {};
    expect(await world.sftp.stat(remotePath('/file'), never)).toMatchObject({ size: 7 });
  });

  test.each<[string, Script['answer']]>([
    [
      'a count of names that is none',
      ({ id }, reply) => (reply.packet(104, uint32(id), uint32(2 ** 31)), true),
    ],
    [
      'a name longer than the packet',
      ({ id }, reply) => (reply.packet(104, uint32(id), uint32(1), uint32(2 ** 30)), true),
    ],
    ['attributes', (_request, reply) => (reply.attributes({}), true)],
  ])('to READDIR: %s', async (_what, answer) => {
    await world.open({
      answer: (request, reply) => request.type === 12 && answer!(request, reply),
    });
    expect(await failure(world.sftp.list(rootPath, never))).toMatchObject({ kind: 'protocol' });
  });

  test('to OPEN: a handle that is too long', async () => {
    await world.open({
      answer: ({ type }, reply) => type === 3 && (reply.handle('h'.repeat(257)), true),
    });
    expect(await failure(world.read(file(7)))).toMatchObject({ kind: 'protocol' });
  });

  test('to READLINK: no target', async () => {
    await world.open({
      names: [{ name: 'link', mode: 0o120777 }],
      answer: ({ type }, reply) => type === 19 && (reply.names([]), true),
    });
    expect(await failure(world.sftp.list(rootPath, never))).toMatchObject({ kind: 'protocol' });
  });

  test.each<[string, Script['answer']]>([
    [
      'more than was asked for',
      ({ length }, reply) => (reply.data(Buffer.alloc(length + 1)), true),
    ],
    ['nothing, again and again', (_request, reply) => (reply.data(Buffer.alloc(0)), true)],
    ['names', (_request, reply) => (reply.names([]), true)],
    ['a failure', (_request, reply) => (reply.status(4, 'trouble'), true)],
    ['success', (_request, reply) => (reply.status(0, 'ok'), true)],
    ['an unknown status', (_request, reply) => (reply.status(4711, 'what\x1b[2J?'), true)],
    [
      'half the content, then silence',
      ({ id, length, offset }, { channel }) => {
        if (offset === 0)
          channel.write(
            Buffer.concat([uint32(9 + length), Buffer.from([103]), uint32(id), uint32(length)]),
          );
        return true;
      },
    ],
  ])('to READ: %s', async (_what, answer) => {
    await world.open({
      content: Buffer.alloc(100_000),
      answer: (request, reply) => request.type === 5 && answer!(request, reply),
    });
    const error = await failure(world.read(file(100_000)));
    expect(['protocol', 'timeout']).toContain(error.kind);
    expect(error.message).not.toContain('\x1b');
    world.scripted.script = {};
    expect((await world.read(file(7))).content.toString()).toBe('content');
  });
});

describe('greetings', () => {
  test.each([
    [
      'text of a start-up file',
      Buffer.from('Welcome to the machine!\n'),
      'Welcome to the machine!',
    ],
    ['an older version', Buffer.from([0, 0, 0, 5, 2, 0, 0, 0, 2]), 'too old'],
    [
      'another packet',
      Buffer.concat([uint32(9), Buffer.from([101]), uint32(1), uint32(0)]),
      'SFTP',
    ],
    ['silence', Buffer.alloc(0), 'has not answered'],
  ])('%s', async (_what, greeting, message) => {
    await using silent = await ScriptedSftp.start({ greeting });
    world.setting.write('known_hosts', silent.knownHostsLine);
    const server = serverAt(silent.port, { timeout });
    const error = await failure(openSftpServer(server, world.setting.environment, never));
    expect(error.scope).toBe('run');
    expect(error.message).toContain(message);
    await world.open({});
  });

  test('version 6 is spoken to as version 3', async () => {
    await world.open({
      greeting: Buffer.concat([
        uint32(5 + 9),
        Buffer.from([2]),
        uint32(6),
        string('x@y'),
        uint32(0).subarray(0, 2),
      ]),
    });
    expect(await world.sftp.stat(remotePath('/file'), never)).toMatchObject({ size: 7 });
  });
});
