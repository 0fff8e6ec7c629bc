import type { FileServer } from '../../src/sources/fileServer';
import type { AfterOperation, BeforeOperation } from '../store/watchedDisk';

const asked: ReadonlySet<string | symbol> = new Set(['list', 'listOtherwise', 'stat', 'read']);

/** The same server, where `before` and `after` are called around each question. They may throw. */
export function watchedServer(
  server: FileServer,
  before: BeforeOperation,
  after: AfterOperation,
): FileServer {
  return new Proxy(server, {
    get(_server, name) {
      const found: unknown = Reflect.get(server, name, server);
      if (typeof found !== 'function') return found;
      const method = found.bind(server) as (...parameters: unknown[]) => unknown;
      if (!asked.has(name)) return method;
      return async (...parameters: unknown[]) => {
        const [about] = parameters as [string | { readonly path: string }];
        const path = typeof about === 'string' ? about : about.path;
        before(String(name), path);
        const result = await method(...parameters);
        after(String(name), path);
        return result;
      };
    },
  });
}
