import { isIPv6 } from 'node:net';
import { InvalidArgumentError } from 'commander';

/** Where a server of ours listens. */
export interface ListenAddress {
  /** A name or an IP address, without brackets. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/**
 * `127.0.0.1:9469`, `[::1]:9469`, `localhost:9469`. A port alone is refused: whether others may look is for
 * the person to say, by naming the address.
 */
export function listenAddressArgument(text: string): ListenAddress {
  const [, bracketed, plain, digits] =
    /^(?:\[([^\]]+)\]|([^\s:[\]/@]+)):(\d{1,5})$/.exec(text.trim()) ?? [];
  const host = bracketed ?? plain ?? '';
  const port = Number(digits);
  const isHost = bracketed === undefined ? host !== '' : isIPv6(host);
  if (isHost && port <= 65_535) return { host, port };
  throw new InvalidArgumentError(
    'Name an address and a port, such as 127.0.0.1:9469 for this computer only, or 0.0.0.0:9469 for all networks.',
  );
}

/** As it stands in a web address. */
export function addressText({ host, port }: ListenAddress): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
