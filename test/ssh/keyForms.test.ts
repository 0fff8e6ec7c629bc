import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { openSshSession } from '../../src/sources/ssh/login';
import { makeKey, startOpenssh, type Openssh } from '../servers/openssh';
import { never, serverAt, Setting } from './setting';

let server: Openssh;
let setting: Setting;
beforeAll(async () => {
  server = await startOpenssh({ password: false });
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  setting = new Setting();
  setting.write('known_hosts', server.knownHostsLine());
});
afterEach(() => setting[Symbol.asyncDispose]());

const passphrase = 'öpen sesame';

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore', cwd: setting.home });
}

async function logIn(privateKey: string): Promise<void> {
  const session = await openSshSession(
    serverAt(server.port, { privateKey }),
    setting.environment,
    never,
  );
  await session[Symbol.asyncDispose]();
}

/** Has the server accept a key of OpenSSL. */
function authorise(text: string): void {
  const shown = createPublicKey(createPrivateKey(text));
  const pem = join(setting.home, 'public.pem');
  const isEd = shown.asymmetricKeyType === 'ed25519';
  const line = isEd
    ? edLine(Buffer.from(shown.export({ format: 'jwk' }).x ?? '', 'base64url'))
    : (writeFileSync(pem, shown.export({ format: 'pem', type: 'spki' })),
      execFileSync('ssh-keygen', ['-i', '-m', 'PKCS8', '-f', pem]).toString());
  appendFileSync(join(server.folder, server.account.name), line);
}

function edLine(key: Buffer): string {
  const head = Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0\x20', 'latin1');
  return `ssh-ed25519 ${Buffer.concat([head, key]).toString('base64')}\n`;
}

const algorithms = {
  ed25519: ['-algorithm', 'ed25519'],
  rsa: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  p256: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  p521: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521'],
};
const kinds = Object.keys(algorithms) as (keyof typeof algorithms)[];

function makePkcs8(kind: keyof typeof algorithms): string {
  openssl('genpkey', ...algorithms[kind], '-out', 'plain');
  const path = join(setting.home, 'plain');
  authorise(readFileSync(path, 'utf8'));
  return path;
}

function encrypt(...options: string[]): string {
  writeFileSync(join(setting.home, 'phrase'), passphrase);
  openssl(
    'pkcs8',
    '-topk8',
    '-in',
    'plain',
    '-out',
    'locked',
    '-passout',
    'file:phrase',
    ...options,
  );
  return join(setting.home, 'locked');
}

describe('PKCS#8', () => {
  test.each(kinds)('%s, plain', async (kind) => {
    await logIn(makePkcs8(kind));
  });

  test.each(kinds)('%s, encrypted, and with a wrong passphrase', async (kind) => {
    makePkcs8(kind);
    const locked = encrypt('-v2', 'aes-256-cbc');
    setting.credentials.passphrases.set(locked, passphrase);
    await logIn(locked);
    setting.credentials.passphrases.set(locked, 'wrong');
    await expect(logIn(locked)).rejects.toMatchObject({
      kind: 'authentication',
      message: `The passphrase of the key ${locked} is wrong.`,
    });
  });

  test.each([
    ['-v2', 'des3'],
    ['-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA512'],
    ['-v1', 'PBE-SHA1-3DES'],
    ['-scrypt'],
  ])('encrypted by %s %s', async (...options) => {
    makePkcs8('ed25519');
    const locked = encrypt(...options.filter((option) => typeof option === 'string'));
    setting.credentials.passphrases.set(locked, passphrase);
    await logIn(locked);
  });

  test('many ed25519 keys, as a few of them begin with zeros', async () => {
    for (let round = 0; round < 5; round += 1) await logIn(makePkcs8('ed25519'));
  });
});

describe('what stands around a key', () => {
  test.each([
    ['CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
    ['a byte order mark', (text: string) => `\ufeff${text}`],
    ['attributes of openssl', (text: string) => `Bag Attributes\n    friendlyName: me\n${text}`],
    ['no line feed at the end', (text: string) => text.trim()],
    ['blanks at the ends of lines', (text: string) => text.replaceAll('\n', ' \n')],
  ])('%s', async (_what, change) => {
    for (const [index, format] of (['openssh', 'PEM', 'PKCS8'] as const).entries()) {
      const key = server.writeKey({ type: index === 0 ? 'ed25519' : 'rsa', format });
      writeFileSync(key, change(readFileSync(key, 'utf8')));
      await logIn(key);
    }
  });

  test('EC PARAMETERS of openssl ecparam', async () => {
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-out', 'plain');
    const path = join(setting.home, 'plain');
    expect(readFileSync(path, 'utf8')).toContain('EC PARAMETERS');
    authorise(readFileSync(path, 'utf8'));
    await logIn(path);
  });
});

describe('"the passphrase is wrong" is said only if it is', () => {
  async function refusal(path: string): Promise<string> {
    setting.credentials.passphrases.set(path, passphrase);
    const error: unknown = await logIn(path).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: 'authentication' });
    return (error as Error).message;
  }

  /** With the right passphrase, and something else wrong. */
  test.each([['a cipher of OpenSSH that is not known', 'chacha20-poly1305@openssh.com']])(
    '%s',
    async (_what, cipher) => {
      const path = join(setting.home, 'key');
      execFileSync('ssh-keygen', [
        '-q',
        '-t',
        'ed25519',
        '-Z',
        cipher,
        '-N',
        passphrase,
        '-f',
        path,
      ]);
      const message = await refusal(path);
      expect(message).toContain(cipher);
      expect(message).toContain(`ssh-keygen -p -f ${path}`);
      expect(message).not.toContain('is wrong');
    },
  );

  test('a cipher of PKCS#8 that is not supported', async () => {
    makePkcs8('rsa');
    const locked = encrypt('-v1', 'PBE-SHA1-RC2-40', '-provider', 'legacy', '-provider', 'default');
    expect(await refusal(locked)).toMatch(/PBE-SHA1-RC2-40.*not supported/);
  });

  test.each(['openssh', 'PEM', 'PKCS8'] as const)('a file that is cut off (%s)', async (format) => {
    const path = join(setting.home, 'key');
    makeKey(path, { type: 'rsa', format, passphrase });
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    lines.splice(-4, 2);
    writeFileSync(path, lines.join('\n') + '\n');
    expect(await refusal(path)).toContain('is damaged');
  });

  test.each([
    ['ed448', ['-algorithm', 'ed448'], 'ed448'],
    ['x25519', ['-algorithm', 'x25519'], 'x25519'],
    [
      'a curve of another world',
      ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
      'secp256k1',
    ],
  ])('a type that ssh does not know: %s', async (_what, options, name) => {
    openssl('genpkey', ...options, '-out', 'plain');
    expect(await refusal(join(setting.home, 'plain'))).toContain(name);
    expect(await refusal(encrypt('-v2', 'aes-256-cbc'))).toContain(name);
  });

  test.each(['openssh', 'PEM', 'PKCS8'] as const)('but it is, if it is (%s)', async (format) => {
    for (const type of ['rsa', 'ecdsa'] as const) {
      for (let round = 0; round < 6; round += 1) {
        const path = join(setting.home, `key-${type}-${round}`);
        makeKey(path, { type, format, passphrase: `other ${round}` });
        expect(await refusal(path)).toBe(`The passphrase of the key ${path} is wrong.`);
      }
    }
  });
});
