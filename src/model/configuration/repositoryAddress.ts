/**
 * Addresses of restic's repositories. A configuration file may come from a stranger, and what stands in it
 * must neither run a program of theirs nor hold a secret. restic runs `ssh` for `sftp:` and `rclone` for
 * `rclone:`; rclone takes parameters within the name of a remote (`:sftp,ssh="…":`, `remote,param=…:`),
 * some of which are commands, and both would take what begins with a dash for an option.
 */

/** Of rclone's documentation, "Valid remote names": no leading dash or blank, no trailing blank. */
const remoteName = /^[\p{L}\p{N}_.+@][\p{L}\p{N}_.+@ -]*$/u;
const userName = String.raw`[A-Za-z0-9_.+%\\@][A-Za-z0-9_.+%\\@-]*`;
const hostName = String.raw`(?:\[[0-9A-Fa-f:.%a-z]+\]|[A-Za-z0-9_.:][A-Za-z0-9_.:-]*)`;
const sftpUrl = new RegExp(`^//(?:${userName}@)?${hostName}(?::\\d{1,5})?/.+$`);
const sftpShort = new RegExp(
  `^(?:${userName}@)?(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9_.][A-Za-z0-9_.-]*):.+$`,
);

type Check = (rest: string) => boolean;

const kinds: Readonly<Record<string, Check>> = {
  local: (rest) => rest !== '',
  sftp: (rest) => sftpUrl.test(rest) || sftpShort.test(rest),
  rest: isWebAddress,
  s3: (rest) =>
    isWebAddress(rest) || /^[A-Za-z0-9][^\s@/:]*(?::\d{1,5})?\/[^\s/][^\s]*$/.test(rest),
  b2: isInContainer,
  azure: isInContainer,
  gs: isInContainer,
  swift: isInContainer,
  rclone: (rest) => remoteName.test(rest.slice(0, Math.max(0, rest.indexOf(':')))),
};

/** Two letters at least: `C:\copies` is a folder. */
const scheme = /^([a-z][a-z0-9]+):(.*)$/s;

/** What is wrong with an address, or undefined. */
export function faultOfRepository(address: string): 'unknown' | 'refused' | undefined {
  const found = scheme.exec(address);
  if (!found) return address.startsWith('-') ? 'refused' : undefined;
  const check = kinds[found[1] ?? ''];
  if (!check) return 'unknown';
  return check(found[2] ?? '') ? undefined : 'refused';
}

/** The folder that an address means on this computer, as it is written; undefined: it is elsewhere. */
export function localFolder(address: string): string | undefined {
  const found = scheme.exec(address);
  if (!found) return address;
  return found[1] === 'local' ? found[2] : undefined;
}

/** A password in it would be a secret in the file. */
function isWebAddress(rest: string): boolean {
  return URL.canParse(rest) && /^https?:$/.test(new URL(rest).protocol) && !new URL(rest).password;
}

function isInContainer(rest: string): boolean {
  return /^[A-Za-z0-9$][^:\s]*:.*$/.test(rest);
}
