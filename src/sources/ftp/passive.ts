import { BackupError } from '../../base/errors';
import { quoted } from './refusal';
import type { Reply } from './reply';

/** The port of a reply to EPSV (RFC 2428): `229 Entering Extended Passive Mode (|||6446|)`. */
export function extendedPassivePort(reply: Reply): number {
  const match = /\(([\x21-\x7e])\1\1(\d{1,5})\1\)/.exec(reply.lines.join(' '));
  return checked(match?.[2] === undefined ? Number.NaN : Number(match[2]), reply);
}

/**
 * The port of a reply to PASV (RFC 959): `227 … (10,0,0,1,25,46)`. The address in it is ignored:
 * behind NAT it is wrong, and a hostile one would make us connect to a third party.
 */
export function passivePort(reply: Reply): number {
  const match = /\d+,\d+,\d+,\d+,(\d+),(\d+)/.exec(reply.lines.join(' '));
  const [high, low] = [Number(match?.[1]), Number(match?.[2])];
  return checked(low > 255 ? Number.NaN : high * 256 + low, reply);
}

function checked(port: number, reply: Reply): number {
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new BackupError('protocol', `No port for a transfer was given: ${quoted(reply)}`);
}
