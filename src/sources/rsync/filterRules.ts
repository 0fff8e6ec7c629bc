import { bytesOf, nameOf, type RemotePath } from '../../model/remotePath';
import type { Selection } from '../../model/selection';
import type { Extent } from './listing';

/** Names and suffixes such as `node_modules/` and `*.log`: they mean the same to git and to rsync. */
const plainRule = /^[A-Za-z0-9._*-]+\/?$/;
const plainName = /^[A-Za-z0-9._ -]+$/;

/**
 * Exclude rules as rsync's filters (exclude.c: parse_filter_str), so that what they match need not be
 * listed. Only rules that mean the same are sent, and none where their order or place matters: they
 * are all applied again on our side.
 */
export function filterRules(selection: Selection, root: RemotePath, extent: Extent): Buffer[] {
  // A rule that lets something in again turns the order around, and a link may lead into what a rule
  // hides at its own place.
  const dependsOnPlace = selection.hasNested || selection.links === 'follow';
  if (dependsOnPlace || selection.exclude.some((rule) => rule.startsWith('!'))) return [];
  const rules = selection.exclude.filter((rule) => plainRule.test(rule) && !rule.includes('**'));
  if (rules.length === 0) return [];
  const name = nameOf(root);
  if (extent === 'itself' && !plainName.test(name)) return [];
  // The person pointed at the root: no rule leaves it out.
  const spared = extent === 'itself' ? [`+ /${name}`] : [];
  return [...spared, ...rules.map((rule) => `- ${rule}`)].map(bytesOf);
}
