import { expect, it } from 'vitest';
import { openFtpServer } from '../../src/sources/ftp/ftpServer';
import { account } from '../servers/account';
import { DelayProxy } from '../servers/delayProxy';
import { startVsftpd } from '../servers/vsftpd';
import { contentOf, environment, ftpServer, never } from './ftpClient';
import { Tree } from './tree';

/** How many records in what was sent at once are a ClientHello (RFC 8446, sections 4 and 5.1). */
function clientHellosIn(chunk: Buffer): number {
  let found = 0;
  for (
    let at = 0;
    at + 5 < chunk.length && chunk[at + 1] === 3;
    at += 5 + chunk.readUInt16BE(at + 3)
  )
    if (chunk[at] === 22 && chunk[at + 5] === 1) found += 1;
  return found;
}

it('sends the key of each data connection in the group that the server wants, so that it begins once', async () => {
  using tree = new Tree();
  const names = Array.from({ length: 5 }, (_none, index) => `file ${index}`);
  for (const name of names) tree.file(name, name);
  await using running = await startVsftpd({ tls: 'explicit' });
  let hellos = 0;
  await using proxy = new DelayProxy(0, (chunk) => {
    hellos += clientHellosIn(chunk);
  });
  const { first, last } = running.passivePorts;
  const passive = Array.from({ length: last - first + 1 }, (_none, index) => first + index);
  await proxy.listen([running.port, ...passive]);
  const { name: username, password } = account();
  const secure = {
    protocol: 'ftps',
    certificateName: 'localhost',
    ca: running.caFile ?? '',
  } as const;
  const config = { host: proxy.host, connections: 1, username, ...secure };
  await using server = await openFtpServer(
    ftpServer(running.port, config),
    environment(password),
    never,
  );
  const files = await server.list(tree.remote(''), never);
  // vsftpd takes P-256 only, which is not what is offered first: the control connection begins twice.
  expect(hellos).toBe(2 + 1);
  const read: string[] = [];
  for (const file of files) read.push((await contentOf(server, file)).content.toString());
  expect(read.sort()).toEqual(names);
  expect(hellos).toBe(2 + 1 + names.length);
});
