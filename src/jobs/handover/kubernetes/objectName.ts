import { createHash } from 'node:crypto';

/** A CronJob adds eleven characters to its name for each job (52 of 63 are left). */
const longestName = 52;
const prefix = 'sauvegarde';

/**
 * The name of the Secret with the files of `~/.ssh` of a server. With a dot, which no other name has: that of a
 * server called `web-ssh` must not be that of the keys of `web`.
 */
export function keysName(server: string): string {
  return `${objectName(server)}.ssh`;
}

/**
 * The name of what belongs to a server: `sauvegarde-web-prod`, a label as RFC 1123 has it. Where the name of the
 * server is none, a digest keeps it apart from others that look the same.
 */
export function objectName(server: string): string {
  const plain = `${prefix}-${server}`;
  if (/^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(plain) && plain.length <= longestName) return plain;
  const digest = createHash('sha256').update(server).digest('hex').slice(0, 8);
  const legible = server
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '');
  const room = longestName - prefix.length - digest.length - 2;
  return [prefix, legible.slice(0, room).replace(/-$/, ''), digest].filter(Boolean).join('-');
}
