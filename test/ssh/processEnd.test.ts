import { afterAll, beforeAll, expect, test } from 'vitest';
import { messageOf } from '../../src/base/errors';
import { runRemoteCommand } from '../../src/sources/ssh/remoteCommand';
import { ScriptedSftp } from '../servers/scriptedSftp';
import { never, serverAt, Setting } from './setting';

const setting = new Setting();
let server: ScriptedSftp;
beforeAll(async () => {
  server = await ScriptedSftp.start({
    password: 'secret',
    // Success, exit code and close leave in one write, as busy servers send them.
    exec: (command, channel) => {
      const [, text = '', code = '0'] = /^say (\S*) then (\d+)$/.exec(command) ?? [];
      if (text !== '-') channel.write(`${text}\n`);
      channel.exit(Number(code));
      channel.end();
      channel.close();
    },
    atOnce: true,
  });
  setting.write('known_hosts', server.knownHostsLine);
  setting.credentials.passwords.set(
    `sftp://sauvegarde-test@127.0.0.1:${server.port}`,
    server.script.password ?? '',
  );
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await setting[Symbol.asyncDispose]();
});

async function run(text: string): Promise<{ code: number | undefined; lines: string[] }> {
  const lines: string[] = [];
  const code = await runRemoteCommand(
    serverAt(server.port),
    setting.environment,
    { text, timeout: 5000 },
    (line) => lines.push(line),
    never,
  );
  return { code, lines };
}

test.each([
  ['say - then 0', 0, []],
  ['say - then 3', 3, []],
  ['say hello then 0', 0, ['hello']],
  ['say hello then 255', 255, ['hello']],
])('%s: what comes together with the channel is not lost', async (text, code, lines) => {
  for (let round = 0; round < 5; round += 1) {
    const ended = await run(text).catch((error: unknown) => messageOf(error));
    expect(ended).toEqual({ code, lines });
  }
});
