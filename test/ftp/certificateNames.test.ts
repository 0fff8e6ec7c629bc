import { rmSync } from 'node:fs';
import { createServer } from 'node:tls';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Server } from '../../src/model/configuration/server';
import { rootPath } from '../../src/model/remotePath';
import { openFtpServer } from '../../src/sources/ftp/ftpServer';
import { identifyFtpServer } from '../../src/sources/ftp/identity';
import { tlsWords } from '../../src/sources/ftp/tlsWords';
import { account } from '../servers/account';
import { makeCertificates, type Certificates } from '../servers/certificates';
import type { RunningFtpServer } from '../servers/ftpServerOptions';
import { ScriptedFtp } from '../servers/scriptedFtp';
import { startProftpd } from '../servers/proftpd';
import { environment, errorOf, ftpServer, never } from './ftpClient';

const person = account();
const other = 'SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU';

async function opened(config: Server): Promise<void> {
  await using server = await openFtpServer(config, environment(person.password), never);
  await server.list(rootPath, never);
}

describe.each([
  ['DNS:*.hoster.example,DNS:hoster.example', '*.hoster.example', ['web7.hoster.example']],
  ['DNS:web7.hoster.example', 'web7.hoster.example', ['*.hoster.example']],
] as const)('a certificate of the hoster (%s)', (names, offered, alike) => {
  let hoster: RunningFtpServer;
  let certificates: Certificates;
  const config = (changes: Partial<Server> = {}): Server =>
    ftpServer(hoster.port, {
      protocol: 'ftps',
      username: person.name,
      ca: certificates.caFile,
      ...changes,
    });

  beforeAll(async () => {
    certificates = makeCertificates({ names });
    hoster = await startProftpd({ tls: 'explicit', certificates });
  });

  afterAll(async () => {
    await hoster[Symbol.asyncDispose]();
    rmSync(certificates.folder, { recursive: true });
  });

  it('is refused for the name of the customer, with what to set', async () => {
    const error = await errorOf(opened(config()));
    expect(error).toMatchObject({ kind: 'certificate', scope: 'run' });
    expect(error.message).toContain(`"certificateName": "${offered}"`);
  });

  it('is taken for the expected name, for data connections too', async () => {
    for (const name of [offered, ...alike]) await opened(config({ certificateName: name }));
  });

  it.each(['*.other.example', 'hoster.example.org', '*.web7.hoster.example', '*.example.org'])(
    'is refused where %s is expected',
    async (name) => {
      const error = await errorOf(opened(config({ certificateName: name })));
      expect(error.kind).toBe('certificate');
    },
  );

  it('is offered by name where its chain is good, and by fingerprint where not', async () => {
    const shown = await identifyFtpServer(config(), environment(''), never);
    expect(shown).toMatchObject({ trust: 'unknown', certificateName: offered });
    const { ca, ...unknown } = config();
    const strange = await identifyFtpServer(unknown, environment(''), never);
    expect(strange.trust).toBe('unknown');
    expect(strange.certificateName).toBeUndefined();
    const named = config({ certificateName: offered });
    expect((await identifyFtpServer(named, environment(''), never)).trust).toBe('verified');
  });

  it('that was renewed is no alarm, but a strange one in its place is', async () => {
    const renewed = await errorOf(opened(config({ fingerprint: other, certificateName: offered })));
    expect(renewed.message).toMatch(/was renewed: .* for the right name\. Remove "fingerprint"/);
    const unnamed = await errorOf(opened(config({ fingerprint: other })));
    expect(unnamed.message).toMatch(/was renewed: .*"certificateName": "/);
    const { ca, ...unknown } = config({ fingerprint: other });
    expect((await errorOf(opened(unknown))).message).toContain('somebody may be listening');
    const shown = await identifyFtpServer(config({ fingerprint: other }), environment(''), never);
    expect(shown.trust).toBe('renewed');
  });
});

describe('a server that knows only AUTH SSL', () => {
  it('is asked so, after AUTH TLS was refused', async () => {
    await using ftp = await ScriptedFtp.start({
      on: (command, argument, peer) => {
        if (command !== 'AUTH') return false;
        peer.say(argument === 'SSL' ? '431 not now' : '504 AUTH TLS unknown');
        return true;
      },
    });
    const config = ftpServer(ftp.port, { protocol: 'ftps', timeout: 5000 });
    await errorOf(openFtpServer(config, environment('x'), never));
    expect(ftp.commands).toEqual(['AUTH TLS', 'AUTH SSL']);
  });
});

describe('what OpenSSL says', () => {
  it.each([
    ['wrong version number', 'ERR_SSL_WRONG_VERSION_NUMBER', 'sends data unencrypted'],
    ['unsupported protocol', 'ERR_SSL_UNSUPPORTED_PROTOCOL', 'only TLS 1.0'],
    ['tlsv1 alert protocol version', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'only TLS 1.0'],
    ['certificate required', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'clientCertificate'],
    ['unknown ca', 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'does not accept the client certificate'],
    [
      'handshake failure',
      'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
      'no kind of encryption|in common',
    ],
    ['dh key too small', 'ERR_SSL_DH_KEY_TOO_SMALL', 'too short'],
  ])('is said in words: %s', (text, code, words) => {
    const message = `80EC059F737F0000:error:0A00042E:SSL routines:ssl3_read_bytes:${text}:../x.c:1:`;
    const said = tlsWords(Object.assign(new Error(message), { code }));
    expect(said).toMatch(new RegExp(words));
    expect(said).not.toMatch(/0A00|routines/);
  });

  it('is nothing where the network failed', () => {
    expect(tlsWords(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))).toBe(
      undefined,
    );
  });

  it('reaches the person: data in the clear, an old protocol, a client certificate that is missing', async () => {
    await using plain = await ScriptedFtp.start();
    const clear = ftpServer(plain.port, { protocol: 'ftps', tls: 'implicit', timeout: 5000 });
    expect((await errorOf(openFtpServer(clear, environment('x'), never))).message).toContain(
      'unencrypted',
    );
    const certificates = makeCertificates();
    const { keyFile, certificateFile, caFile } = certificates;
    const [key, cert, ca] = [keyFile, certificateFile, caFile].map((file) => readFileSync(file));
    const ask = { requestCert: true, rejectUnauthorized: true, ca: ca ?? '' };
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
    for (const [options, words, changes] of [
      [old, 'only TLS 1.0', {}],
      [ask, 'clientCertificate', {}],
      [ask, 'welcome', { clientCertificate: { certificate: certificateFile, key: keyFile } }],
    ] as const) {
      const server = createServer({ key, cert, ...options }, (socket) => {
        socket.on('error', () => undefined);
        socket.end('421 welcome, but not now\r\n');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const config = ftpServer(port, { protocol: 'ftps', tls: 'implicit', timeout: 5000 });
      const opening = openFtpServer({ ...config, ca: caFile, ...changes }, environment('x'), never);
      expect((await errorOf(opening)).message).toContain(words);
      server.close();
    }
    rmSync(certificates.folder, { recursive: true });
  });
});
