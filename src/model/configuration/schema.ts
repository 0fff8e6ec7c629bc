import * as z from 'zod/mini';
import { parseDuration, parseShare } from '../amount';
import { rereadPeriods } from '../reread';
import { isTimeZone, Schedule } from '../schedule/schedule';
import { bandwidthForm } from './bandwidth';
import { copiesSchema } from './copySchema';
import { keepSchema } from './keepSchema';
import { reportSchema } from './reportSchema';
import { described, hostName, oneOf, text, wholeNumber } from './schemaRules';

/*
 * The configuration file as one schema: the types, the checks and the JSON Schema of the editor
 * all come from here. `describe` texts are the editor's hover texts, and each fault message says
 * what is accepted in the words of the `error` beside the rule.
 */

const fingerprint = z.string({ error: 'a fingerprint such as "SHA256:…"' }).check(
  z.regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/, {
    error: 'a fingerprint such as "SHA256:" followed by 43 base64 characters',
  }),
);

const absolutePath = z.string({ error: 'an absolute path such as "/var/www"' }).check(
  z.regex(/^(?:\/|[A-Za-z]:[\\/])[^\0]*$/, { error: 'an absolute path such as "/var/www"' }),
  z.refine((path) => !path.split(/[\\/]/).some((name) => name === '.' || name === '..'), {
    error: 'an absolute path without "." or ".." in it',
  }),
);

const anyBandwidth = 'a rate such as "4MB/s", or a timetable such as "08:00 2MB/s, 20:00 off"';
const bandwidth = z
  .string({ error: anyBandwidth })
  .check(z.regex(bandwidthForm, { error: anyBandwidth }));

const anyCertificateName = 'a name such as "ftp.hoster.example" or "*.hoster.example"';

const anySchedule = 'a cron expression such as "0 7 * * *", or "@daily"';
const schedule = z
  .string({ error: anySchedule })
  .check(z.refine((text) => Schedule.parse(text) !== undefined, { error: anySchedule }));

const anyTimeZone = 'a time zone such as "Europe/Paris"';
const timeZone = z
  .string({ error: anyTimeZone })
  .check(z.refine(isTimeZone, { error: anyTimeZone }));

const anyAmount = 'a share such as "2%", or a time such as "10m"';
const amount = z.string({ error: anyAmount }).check(
  z.refine((text) => (parseShare(text) ?? parseDuration(text)) !== undefined, {
    error: anyAmount,
  }),
);

export const serverSchema = z.strictObject(
  {
    protocol: described(
      oneOf(['sftp', 'ftp', 'ftps', 'rsync', 'local']),
      'How to reach the server.',
    ),
    host: z.optional(
      described(
        hostName(),
        'The host; for sftp and rsync it may be a Host alias of ~/.ssh/config.',
      ),
    ),
    port: z.optional(described(wholeNumber(1, 65_535), "Default: the protocol's.")),
    username: z.optional(described(text('a user name'), 'The account to log in with.')),
    privateKey: z.optional(
      described(
        text('the path of a private key'),
        'Private key for sftp and rsync over ssh. Without it: the agent, the default keys, the password.',
      ),
    ),
    jump: z.optional(
      described(
        z.array(text('a jump host such as "user@host:22"'), {
          error: 'a list of jump hosts such as "user@host:22"',
        }),
        'SSH jump hosts, in the order of the way.',
      ),
    ),
    tls: z.optional(described(oneOf(['explicit', 'implicit']), 'ftps: how encryption starts.')),
    ca: z.optional(
      described(
        text('the path of a PEM file'),
        'ftps: an extra certificate authority, relative to the workspace folder.',
      ),
    ),
    certificateName: z.optional(
      described(
        z.string({ error: anyCertificateName }).check(
          z.regex(/^(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/, {
            error: anyCertificateName,
          }),
        ),
        'ftps: the name that the certificate is expected to bear where it is not the host, such as "*.hoster.example".',
      ),
    ),
    clientCertificate: z.optional(
      described(
        text('the path of a PEM file'),
        'ftps: the certificate that we show to a server that asks for one, relative to the workspace folder.',
      ),
    ),
    clientKey: z.optional(
      described(
        text('the path of a PEM file'),
        'ftps: the key of the client certificate, relative to the workspace folder or absolute; never commit it.',
      ),
    ),
    fingerprint: z.optional(
      described(
        fingerprint,
        'The pinned host key (ssh) or certificate (ftps). Public: it may be committed.',
      ),
    ),
    keyFingerprint: z.optional(
      described(
        fingerprint,
        'ftps: the public key of the pinned certificate. One that was renewed with the same key is said to be so, instead of raising an alarm.',
      ),
    ),
    via: z.optional(described(oneOf(['ssh', 'daemon']), 'rsync: over ssh, or to a daemon.')),
    encoding: z.optional(
      described(
        text('an encoding such as "utf8" or "latin1"').check(
          z.refine(isEncoding, { error: 'an encoding such as "utf8", "latin1" or "shift_jis"' }),
        ),
        'ftp, ftps: the encoding of names on servers that do not speak UTF-8.',
      ),
    ),
    include: described(
      z.array(absolutePath, { error: 'a list of absolute paths' }),
      'The folders and files to back up. Empty as long as none is chosen: nothing is backed up then.',
    ),
    exclude: z.optional(
      described(
        z.array(text('a pattern such as "*.log"'), { error: 'a list of patterns' }),
        "What to leave out, in .gitignore grammar, anchored at the server's root.",
      ),
    ),
    links: z.optional(
      described(oneOf(['record', 'follow', 'skip']), 'What to do with symbolic links.'),
    ),
    connections: z.optional(described(wholeNumber(1, 32), 'Most connections or channels at once.')),
    timeout: z.optional(
      described(wholeNumber(1, 3600), 'Seconds without a byte before a connection counts as dead.'),
    ),
    bandwidth: z.optional(
      described(
        bandwidth,
        'The most to receive: "4MB/s", or by the time of day: "08:00 2MB/s, 20:00 off".',
      ),
    ),
    schedule: z.optional(
      described(
        schedule,
        'When to back up: a cron expression such as "0 7 * * *", or "@daily". Absent: by hand.',
      ),
    ),
    timeZone: z.optional(
      described(timeZone, 'The time zone of the schedule. Default: that of this computer.'),
    ),
    before: z.optional(
      described(
        text('a command'),
        'sftp, and rsync over ssh: a command that the server runs before the backup, such as a database dump. If it fails, nothing is backed up.',
      ),
    ),
    after: z.optional(
      described(
        text('a command'),
        'sftp, and rsync over ssh: a command that the server runs after the backup, also if that failed.',
      ),
    ),
    hookTimeout: z.optional(
      described(
        wholeNumber(1, 86_400),
        'Seconds that "before" and "after" may take each. Default 600.',
      ),
    ),
    keep: z.optional(described(keepSchema, 'Which snapshots stay. Without it all do.')),
    guard: z.optional(
      described(
        z.boolean({ error: 'true or false' }),
        'Whether retention stops, with a question, when the newest snapshot lost an implausible share of the files of the one before it. Default true.',
      ),
    ),
    verify: z.optional(
      described(
        amount,
        'So much of what the snapshots hold is read again after each complete run, what was read longest ago first: "2%", or "10m".',
      ),
    ),
    reread: z.optional(
      described(
        oneOf(rereadPeriods),
        'How often a run compares all content with the server, whatever its sizes and times say.',
      ),
    ),
    shell: z.optional(
      described(
        z.boolean({ error: 'true or false' }),
        'sftp, and rsync over ssh: whether the server may be asked to compute digests (sha256sum), so that comparing all content transfers nothing.',
      ),
    ),
    copies: z.optional(
      described(
        copiesSchema,
        'Off-site copies of this server, in the place of those that all servers have. An empty list: none.',
      ),
    ),
    report: z.optional(described(reportSchema, 'Who is told how a run went.')),
  },
  { error: 'an object that describes a server' },
);

const serverName = z.string().check(
  z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
    error: 'a name of letters, digits, ".", "_" and "-", at most 64 long, as it names a folder',
  }),
  z.regex(/^(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)).*[^.]$/i, {
    error: 'a name that Windows can hold: none of its devices such as "con", no dot at the end',
  }),
);

export const configurationSchema = z.strictObject(
  {
    $schema: z.optional(z.string()),
    destination: z.optional(
      described(
        text('a folder relative to the workspace folder'),
        'The folder for the stores, relative to the workspace folder.',
      ),
    ),
    maxParallelServers: z.optional(
      described(
        wholeNumber(1, 32),
        'So many servers are backed up at once where several are due. Default 2.',
      ),
    ),
    copies: z.optional(
      described(copiesSchema, 'Off-site copies of all servers, by restic into its repositories.'),
    ),
    servers: described(
      z.record(serverName, serverSchema, { error: 'an object with a server for each name' }),
      'The servers to back up, by name.',
    ),
  },
  { error: 'an object with "servers"' },
);

export type RawServer = z.infer<typeof serverSchema>;
export type RawConfiguration = z.infer<typeof configurationSchema>;

function isEncoding(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false;
  }
}
