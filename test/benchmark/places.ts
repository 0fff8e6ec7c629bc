import { account } from '../servers/account';
import { DelayProxy } from '../servers/delayProxy';
import { startOpenssh } from '../servers/openssh';
import { startRsyncd } from '../servers/rsyncd';
import { startVsftpd } from '../servers/vsftpd';
import type { Place } from './tools';

/** Round trips in milliseconds. */
export const links = { loopback: 0, '40ms': 40 } as const;

export type LinkName = keyof typeof links;

export interface OpenedPlace extends AsyncDisposable {
  readonly place: Place;
}

type Login = Pick<Place, 'protocol' | 'username' | 'password' | 'folder' | 'via'>;

/** Starts the server of a protocol on loopback, and the delay before it if the link has one. */
export function openPlace(
  protocol: Place['protocol'],
  link: LinkName,
  folder: string,
  via: Place['via'] = 'ssh',
): Promise<OpenedPlace> {
  const { name: username, password } = account();
  const login = { protocol, via, username, password, folder };
  if (protocol === 'ftp' || protocol === 'ftps') return openFtp(login, link);
  return via === 'daemon' ? openDaemon(login, link) : openSsh(login, link);
}

async function openSsh(login: Login, link: LinkName): Promise<OpenedPlace> {
  const server = await startOpenssh();
  const proxy = await delayed(link, [server.port]);
  const key = { keyFile: server.writeKey(), fingerprint: server.fingerprint() };
  const host = proxy?.host ?? '127.0.0.1';
  return opened({ ...login, ...key, host, port: server.port }, [proxy, server]);
}

async function openDaemon(login: Login, link: LinkName): Promise<OpenedPlace> {
  const server = await startRsyncd({ modules: { data: login.folder }, password: true });
  const proxy = await delayed(link, [server.port]);
  const host = proxy?.host ?? '127.0.0.1';
  return opened({ ...login, folder: '/data', host, port: server.port }, [proxy, server]);
}

async function openFtp(login: Login, link: LinkName): Promise<OpenedPlace> {
  const server = await startVsftpd({ tls: login.protocol === 'ftps' ? 'explicit' : 'none' });
  const { first, last } = server.passivePorts;
  const passive = Array.from({ length: last - first + 1 }, (_none, index) => first + index);
  const proxy = await delayed(link, [server.port, ...passive]);
  const trust = server.caFile === undefined ? {} : { caFile: server.caFile };
  const host = proxy?.host ?? '127.0.0.1';
  return opened({ ...login, ...trust, host, port: server.port }, [proxy, server]);
}

async function delayed(link: LinkName, ports: readonly number[]): Promise<DelayProxy | undefined> {
  if (links[link] === 0) return undefined;
  const proxy = new DelayProxy(links[link]);
  await proxy.listen(ports);
  return proxy;
}

function opened(place: Place, running: readonly (AsyncDisposable | undefined)[]): OpenedPlace {
  return {
    place,
    async [Symbol.asyncDispose]() {
      for (const one of running) await one?.[Symbol.asyncDispose]();
    },
  };
}
