import { splitMlsdLine } from './mlsd';

/**
 * Targets of links that ProFTPD 1.3.8 leaves out of LIST: those that are `.` or `..`. Its MLSD gives
 * a link the size of its target, and the fact `unique` of what it leads to, which is that of the
 * folder itself or of its parent.
 */
export function dotTargets(text: string): ReadonlyMap<string, string> {
  const targets = new Map<string, string>();
  const lines = text.split('\n').map((line) => splitMlsdLine(line.replace(/\r$/, '')));
  const uniqueOf = (type: string): string | undefined =>
    lines.find((line) => line?.facts.get('type')?.toLowerCase() === type)?.facts.get('unique');
  const [own, parent] = [uniqueOf('cdir'), uniqueOf('pdir')];
  for (const line of lines) {
    if (!/^os\.unix=symlink/i.test(line?.facts.get('type') ?? '') || line === undefined) continue;
    const [size, unique] = [line.facts.get('size'), line.facts.get('unique')];
    if (unique === undefined) continue;
    if (size === '1' && unique === own) targets.set(line.name, '.');
    if (size === '2' && unique === parent && own !== parent) targets.set(line.name, '..');
  }
  return targets;
}
