import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime, { type Email } from 'postal-mime';
import type { SmtpSetting } from '../../src/model/configuration/reporting';
import { makeCertificates, type CertificateOptions } from './certificates';
import { unpackedPackages } from './debianPackages';
import { freePort, ServerProcess } from './serverProcess';

/** The only account of the server. */
export const mailAccount = { username: 'backup', password: 'Letter-Box 9' };

/** A recipient that the server refuses. */
export const refusedAddress = 'nobody@refused.example';

export interface EximOptions {
  readonly security?: SmtpSetting['security'];
  /** Whether only the account may send. Default: yes. */
  readonly login?: boolean;
  readonly certificate?: CertificateOptions;
}

/** Exim on loopback. It keeps every mail, whoever it is for. */
export interface Exim extends AsyncDisposable {
  readonly port: number;
  /** PEM file of the authority of its certificate. */
  readonly caFile: string;
  /** What it has got, in no order. */
  mails(): Promise<Email[]>;
  /** What came over the wire, in no order. */
  rawMails(): string[];
  /** What it says of its connections. */
  log(): string;
}

/** Debian builds it for this account, and it does not start without. */
const account = 'Debian-exim';

const libraries = ['libidn12', 'libgnutls-dane0', 'libnsl2', 'libdb5.3', 'libpcre2-8-0'];

/** Unpacks the program, and makes its account. */
export function eximProgram(): string {
  const program = join(
    unpackedPackages('mail-server', ['exim4-daemon-light'], libraries),
    'usr/sbin/exim4',
  );
  // The tests start it as root; nobody else is to become root by it.
  chmodSync(program, 0o755);
  try {
    execFileSync('id', [account], { stdio: 'ignore' });
  } catch {
    const nowhere = ['--no-create-home', '--home-dir', '/nonexistent'];
    execFileSync('useradd', ['--system', '--shell', '/usr/sbin/nologin', ...nowhere, account]);
  }
  return program;
}

export async function startExim(options: EximOptions = {}): Promise<Exim> {
  const program = eximProgram();
  const folder = mkdtempSync(join(tmpdir(), 'sauvegarde-exim-'));
  const certificates = makeCertificates(options.certificate);
  const owner = Number(execFileSync('id', ['-u', account]).toString());
  const at = (name: string): string => join(folder, name);
  copyFileSync(certificates.certificateFile, at('certificate.pem'));
  copyFileSync(certificates.keyFile, at('key.pem'));
  mkdirSync(at('box'));
  for (const place of [folder, at('box'), at('key.pem')]) chownSync(place, owner, 0);
  chmodSync(folder, 0o755);
  const port = await freePort();
  writeFileSync(at('configuration'), configuration(folder, port, options));
  const server = await ServerProcess.start(program, ['-bdf', '-C', at('configuration')], port);
  const rawMails = (): string[] => {
    const box = at('box/new');
    return existsSync(box) ? readdirSync(box).map((file) => read(join(box, file))) : [];
  };
  return {
    port,
    caFile: certificates.caFile,
    rawMails,
    mails: () => Promise.all(rawMails().map((mail) => PostalMime.parse(mail))),
    log: () => read(at('mainlog')),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
      rmSync(certificates.folder, { recursive: true, force: true });
    },
  };
}

function read(file: string): string {
  return readFileSync(file, 'utf8');
}

function configuration(folder: string, port: number, options: EximOptions): string {
  const { security = 'starttls', login = true } = options;
  const secret = (user: string, password: string): string =>
    `\${if and{{eq{${user}}{${mailAccount.username}}}{eq{${password}}{${mailAccount.password}}}}}`;
  const encrypted = security === 'none' ? '' : '  server_advertise_condition = $tls_in_cipher\n';
  return `
exim_user = ${account}
exim_group = ${account}
spool_directory = ${folder}/spool
log_file_path = ${folder}/%slog
pid_file_path = ${folder}/pid
primary_hostname = localhost
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
${security === 'tls' ? `tls_on_connect_ports = ${port}` : ''}
tls_advertise_hosts = ${security === 'starttls' ? '*' : ''}
tls_certificate = ${folder}/certificate.pem
tls_privatekey = ${folder}/key.pem
auth_advertise_hosts = *
host_lookup =
rfc1413_hosts =
keep_environment =
never_users =
deliver_drop_privilege = true
acl_smtp_rcpt = recipient
acl_smtp_data = accepted
begin acl
recipient:
  deny domains = ${refusedAddress.split('@')[1] ?? ''}
       message = No such recipient
  ${login ? 'accept authenticated = *' : 'accept'}
  deny message = Log in first
accepted:
  accept
begin routers
everything:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  directory = ${folder}/box
  maildir_format
  envelope_to_add
  user = ${account}
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${secret('$auth2', '$auth3')}
  server_set_id = $auth2
${encrypted}`;
}
