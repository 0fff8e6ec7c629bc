import { account } from '../servers/account';
import {
  startAsyncssh,
  startDropbear,
  startModSftp,
  startRcloneSftp,
  type RunningSftp,
} from '../servers/otherSftp';
import type { SourceUnderTest } from './sourceUnderTest';
import { describeSource } from './suite';

/** @param abilities what the server brings over. Default: all that SFTP can. */
function describeServer(
  name: string,
  start: () => Promise<RunningSftp>,
  abilities: Partial<SourceUnderTest> = {},
): void {
  describeSource(name, async () => {
    const server = await start();
    const { name: username, password } = server.account;
    return {
      password,
      connection: {
        protocol: 'sftp',
        host: '127.0.0.1',
        port: server.port,
        username,
        fingerprint: server.fingerprint,
      },
      withoutNames: [],
      granularity: 1,
      ...abilities,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  });
}

describeServer('dropbear', startDropbear);

describeServer('ProFTPD mod_sftp', startModSftp, { absoluteTargets: true });

// "can't convert negative int to unsigned" is its answer to a folder with such a file in it.
describeServer('asyncssh', startAsyncssh, { withoutEarlyTimes: true });

/**
 * It shows no links and no rights, control characters as pictures of them, and a folder that it may not
 * read as an empty one.
 */
describeServer('rclone serve sftp', startRcloneSftp, {
  chroot: account().home,
  withoutNames: ['controls', 'lineFeed'],
  modeMask: 0,
  hidesSpecialEntries: true,
  hidesLinks: true,
  hidesUnreadableFolders: true,
});
