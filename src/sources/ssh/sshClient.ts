import SftpClient from 'ssh2-sftp-client';
import type { Client } from 'ssh2';
import { type ConnectConfig, type SFTPWrapper } from 'ssh2';

/**
 * ssh2-sftp-client, with the opening of its SFTP channel put off until somebody writes: we read
 * through channels of our own, the account may have no SFTP at all (rsync), and a server may allow
 * no more than one channel (`MaxSessions 1`).
 */
export class SshClient extends SftpClient {
  /** The ssh2 client underneath, which the type declarations leave out. */
  declare readonly client: Client;
  declare sftp: SFTPWrapper | undefined;

  constructor() {
    // Without callbacks it would write to the console.
    super('sauvegarde', {});
    // Handshakes of jump hosts and many channels all listen on one client.
    this.client.setMaxListeners(0);
  }

  /** Connects and logs in, without the SFTP channel. */
  async logIn(config: ConnectConfig): Promise<void> {
    const noChannel = (callback: () => void): Client => {
      callback();
      return this.client;
    };
    Object.assign(this.client, { sftp: noChannel });
    await this.connect(config);
    Reflect.deleteProperty(this.client, 'sftp');
    this.client.setNoDelay(true);
  }

  /** Opens the SFTP channel that `put`, `mkdir` and `rename` use. */
  async openForWriting(): Promise<this> {
    this.sftp ??= await new Promise<SFTPWrapper>((resolve, reject) => {
      this.client.sftp((error, sftp) => {
        if (error) reject(error);
        else resolve(sftp);
      });
    });
    return this;
  }
}
