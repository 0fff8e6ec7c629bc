import type { Target } from '../../src/targets/target';

/** What may write to a target, in the order of `Target`. */
const writing = [
  'upload',
  'makeLink',
  'replace',
  'makeFolder',
  'setAttributes',
  'removeFile',
  'removeFolder',
] as const;

/** The same target, where `before` and `after` are called around each operation that writes. They may throw. */
export function watchedTarget(
  target: Target,
  before: (operation: string, place: string) => void,
  after: (operation: string, place: string) => void = () => undefined,
): Target {
  const watched = new Set<string | symbol>(writing);
  return new Proxy(target, {
    get(_target, name) {
      const found: unknown = Reflect.get(target, name, target);
      if (typeof found !== 'function') return found;
      const method = found.bind(target) as (...parameters: unknown[]) => unknown;
      if (!watched.has(name)) return method;
      return async (...parameters: unknown[]) => {
        const place = String(name === 'replace' ? parameters[1] : parameters[0]);
        before(String(name), place);
        await method(...parameters);
        after(String(name), place);
      };
    },
  });
}
