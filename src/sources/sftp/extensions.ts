import { limit } from './constants';
import type { Fields } from './fields';

/**
 * The names of the extensions in a `VERSION` packet: pairs of a name and its data (section 4 of the
 * draft). More of them than anybody has are not looked at.
 */
export function readExtensions(fields: Fields): ReadonlySet<string> {
  const names = new Set<string>();
  try {
    while (!fields.isAtEnd && names.size < limit.extensions) {
      const name = fields.byteString(limit.name);
      fields.skipString(limit.name);
      names.add(name);
    }
  } catch {
    // Nothing depends on what stands there: what cannot be read is not offered.
  }
  return names;
}
