import { startOpenssh } from '../servers/openssh';
import { describeTarget } from './targetSuite';

describeTarget('OpenSSH', async () => {
  const server = await startOpenssh();
  return {
    password: server.account.password,
    connection: {
      protocol: 'sftp',
      host: '127.0.0.1',
      port: server.port,
      username: server.account.name,
      fingerprint: server.fingerprint(),
    },
    many: 10_000,
    withoutNames: [],
    granularity: 1,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
});
