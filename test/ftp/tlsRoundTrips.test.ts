import { TLSSocket } from 'node:tls';
import { expect, it, vi } from 'vitest';
import { openFtpServer } from '../../src/sources/ftp/ftpServer';
import { account } from '../servers/account';
import { DelayProxy } from '../servers/delayProxy';
import { startProftpd } from '../servers/proftpd';
import { startPureFtpd } from '../servers/pureFtpd';
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

const products = [
  ['vsftpd', startVsftpd],
  ['ProFTPD', startProftpd],
  ['Pure-FTPd', startPureFtpd],
] as const;

it.each(products)(
  'begins each data connection with %s once, in the group that it wants',
  async (_product, start) => {
    using tree = new Tree();
    const names = Array.from({ length: 5 }, (_none, index) => `file ${index}`);
    for (const name of names) tree.file(name, name);
    await using running = await start({ tls: 'explicit' });
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
    // What is offered first is not what they take: the control connection begins twice.
    expect(hellos).toBe(2 + 1);
    const read: string[] = [];
    for (const file of files) read.push((await contentOf(server, file)).content.toString());
    expect(read.sort()).toEqual(names);
    expect(hellos).toBe(2 + 1 + names.length);
  },
);

/** As a runtime may do that has another TLS library than OpenSSL; that it is an object, Node itself relies on. */
const untold = [
  ['nothing of the key', {}],
  ['a group that we do not offer', { type: 'ECDH', name: 'X448', size: 448 }],
] as const;

it.each(untold)('does as before where the runtime tells %s', async (_what, told) => {
  using asked = vi.spyOn(TLSSocket.prototype, 'getEphemeralKeyInfo').mockReturnValue(told);
  using tree = new Tree();
  tree.file('page', 'content');
  await using running = await startVsftpd({ tls: 'explicit' });
  const { name: username, password } = account();
  const secure = {
    protocol: 'ftps',
    certificateName: 'localhost',
    ca: running.caFile ?? '',
  } as const;
  const config = ftpServer(running.port, { username, ...secure });
  await using server = await openFtpServer(config, environment(password), never);
  const [file] = await server.list(tree.remote(''), never);
  expect((await contentOf(server, file!)).content.toString()).toBe('content');
  expect(asked).toHaveBeenCalled();
});
