import { isCleanPath, remotePath, textOf, type RemotePath } from './remotePath';

/** Characters that mean something in the .gitignore grammar. */
const special = /[\\*?[\]!#]/g;

/** The exclude rule that matches just this path: `/var/www/cache/`. */
export function anchoredRule(path: RemotePath, isFolder: boolean): string {
  const escaped = textOf(path)
    .replaceAll(special, String.raw`\$&`)
    .replace(/ $/, String.raw`\ `);
  return `/${escaped}${isFolder ? '/' : ''}`;
}

/** The path that a rule names in full, or undefined if it is a pattern, or not anchored at the root. */
export function anchoredPath(rule: string): RemotePath | undefined {
  const body = rule.replace(/\/$/, '');
  if (!body.startsWith('/') || /(?<!\\)(?:\\\\)*[*?[]/.test(body)) return undefined;
  const path = body.slice(1).replaceAll(/\\(.)/g, '$1');
  return path !== '' && isCleanPath(path) ? remotePath(path) : undefined;
}
