import { anchoredPath, anchoredRule } from './anchoredRule';
import type { EntryType } from './entry';
import { Inclusion, type SelectionLists } from './inclusion';
import { absolute, isWithin, remotePath, type RemotePath } from './remotePath';

/** The lists with the entry, and everything below it, in the backup. */
export function including(
  lists: SelectionLists,
  path: RemotePath,
  type: EntryType,
): SelectionLists {
  const cleared = { ...lists, exclude: withoutRulesAt(lists.exclude, path) };
  if (isIncluded(cleared, path, type)) return cleared;
  const others = cleared.include.filter((included) => !isWithin(remotePath(included), path));
  const added = { ...cleared, include: [...others, absolute(path)] };
  if (isIncluded(added, path, type)) return added;
  // A pattern such as "*.log" still matches the entry's own name.
  return { ...added, exclude: [...added.exclude, `!${ruleFor(path, type)}`] };
}

/** The lists with the entry, and everything below it, out of the backup. */
export function excluding(
  lists: SelectionLists,
  path: RemotePath,
  type: EntryType,
): SelectionLists {
  const cleared = {
    include: lists.include.filter((included) => !isWithin(remotePath(included), path)),
    exclude: withoutRulesAt(lists.exclude, path),
  };
  if (new Inclusion(cleared).stateOf(path, type) === 'excluded') return cleared;
  return { ...cleared, exclude: [...cleared.exclude, ruleFor(path, type)] };
}

function isIncluded(lists: SelectionLists, path: RemotePath, type: EntryType): boolean {
  return new Inclusion(lists).stateOf(path, type) === 'included';
}

/** Without the rules that name this path, or one below it, in full. */
function withoutRulesAt(rules: readonly string[], path: RemotePath): string[] {
  return rules.filter((rule) => {
    const named = anchoredPath(rule.replace(/^!/, ''));
    return named === undefined || !isWithin(named, path);
  });
}

function ruleFor(path: RemotePath, type: EntryType): string {
  return anchoredRule(path, type === 'directory');
}
