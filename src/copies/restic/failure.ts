import { BackupError, type ErrorKind } from '../../base/errors';
import { environmentName } from '../../model/configuration/environmentName';
import { printable } from '../../model/remotePath';
import { errorTextOf, parseMessage } from './messages';
import type { ProcessResult } from './process';

/** Exit codes of restic: 3 since 0.9, the others since 0.17; before, only its texts tell. */
const kindOfCode: Readonly<Record<number, ErrorKind>> = {
  3: 'permission',
  10: 'configuration',
  11: 'locked',
  12: 'authentication',
};

/**
 * In this order: that there is no repository is also said where nobody answers, and where nothing may be
 * read. The texts are those of restic 0.14 to 0.19, of Go, of OpenSSH and of the clouds.
 */
const kindOfText: readonly (readonly [ErrorKind, RegExp])[] = [
  [
    'disk-full',
    /no space left on device|disk quota exceeded|not enough space|insufficient storage|storage.?full|quota.?exceeded|file too large/i,
  ],
  [
    'authentication',
    /wrong password or no key found|Permission denied \(|\b401 Unauthorized|unauthorized|InvalidAccessKeyId|SignatureDoesNotMatch|request signature|empty password|no password/i,
  ],
  ['host-key', /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/],
  ['certificate', /x509:|certificate signed by unknown|tls: failed to verify/i],
  ['locked', /already locked/i],
  [
    'connection',
    /connection (?:refused|reset|closed|timed out|lost)|no such host|could not resolve|i\/o timeout|network is unreachable|no route to host|broken pipe|unexpected EOF|handshake timeout|deadline exceeded|server closed|\b50[0234] |subprocess .*exit|unable to start the sftp session|use of closed|temporary failure in name resolution|: EOF\b/i,
  ],
  [
    'permission',
    /permission denied|access ?denied|\b403 Forbidden|operation not permitted|read-only file system/i,
  ],
  [
    'configuration',
    /is there a repository at the following location|unable to open config file|repository does not exist|config file already exists|already initialized|executable file not found/i,
  ],
];

/** Lines that say nothing by themselves. */
const empty = /^\s*$|^Is there a repository|^(?:Fatal: )?unable to (?:save|create) snapshot:?$/;
const longestTold = 400;

/** What a restic that failed came to. @param repository as it is shown */
export function failureOf(result: ProcessResult, name: string, repository: string): BackupError {
  const said =
    linesOf(result.error).join('\n') || result.out.trim().split('\n').slice(-3).join('\n');
  const kind = kindOf(result, said);
  const words = told(said);
  const place = `the copy "${name}" (${repository})`;
  switch (kind) {
    case 'configuration':
      return error(kind, configurationWords(said, name, place, words));
    case 'locked':
      return error(
        kind,
        `Another program is at work in the repository of ${place}: ${words}. It is tried again with the next run; if no program is, remove the lock: restic -r ${repository} unlock`,
      );
    case 'authentication':
      return error(
        kind,
        `The repository of ${place} refused us: ${words}. ${passwordAdvice(name)}`,
      );
    case 'disk-full':
      return error(kind, `There is no room left for ${place}: ${words}. Make room, or set "keep".`);
    case 'connection':
      return error(kind, `The repository of ${place} cannot be reached: ${words}.`);
    case 'permission':
      return error(kind, `Something may not be read or written for ${place}: ${words}.`);
    default: {
      const ending =
        result.code === undefined ? 'was ended from outside' : `failed (${result.code})`;
      return error(kind, `restic ${ending} for ${place}: ${words}.`);
    }
  }
}

/** Where the password is looked for. */
export function passwordAdvice(name: string): string {
  const variable = environmentName(name);
  return `Its password is looked for in SAUVEGARDE_COPY_PASSWORD_${variable}, SAUVEGARDE_COPY_PASSWORD, --copy-password-file, --copy-password-command and RESTIC_PASSWORD.`;
}

function kindOf({ code }: ProcessResult, said: string): ErrorKind {
  const known = code === undefined ? undefined : kindOfCode[code];
  return known ?? kindOfText.find(([, pattern]) => pattern.test(said))?.[0] ?? 'protocol';
}

function configurationWords(said: string, name: string, place: string, words: string): string {
  if (/already (?:exists|initialized)/i.test(said)) return `There is ${place} already: ${words}.`;
  if (/executable file not found/i.test(said))
    return `A program is missing for ${place}: ${words}.`;
  return `There is no repository for ${place}. Make it with: sauvegarde copies create ${name}`;
}

/** It concerns the copy as a whole, never one entry of it. */
function error(kind: ErrorKind, message: string): BackupError {
  return new BackupError(kind, message, { scope: 'run' });
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => {
      const message = parseMessage(line);
      return (message && errorTextOf(message)) ?? line;
    })
    .flatMap((line) => line.split('\n'))
    .filter((line) => !empty.test(line));
}

function told(said: string): string {
  const line = printable(
    Buffer.from(said.replaceAll(/\s*\n\s*/g, '; '), 'utf8').toString('latin1'),
  );
  const short = line.length > longestTold ? `${line.slice(0, longestTold)}…` : line;
  return short.replace(/^Fatal: /, '').replace(/[.;\s]+$/, '') || 'it did not say why';
}
