import { InvalidArgumentError } from 'commander';
import { parseDuration, parseShare, type Amount } from '../model/amount';
import { messageOf } from '../base/errors';
import { requireNote } from '../store/notes';

export function shareArgument(text: string): Amount {
  const share = parseShare(text);
  if (share) return share;
  throw new InvalidArgumentError('Accepted is a share such as 10%, more than 0% and at most 100%.');
}

/** As it will be shown. */
export function noteArgument(text: string): string {
  try {
    return requireNote(text);
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}

export function durationArgument(text: string): Amount {
  const duration = parseDuration(text);
  if (duration) return duration;
  throw new InvalidArgumentError('Accepted is a time such as 90s, 10m or 1h30m, at most 14d.');
}

/** A namespace of Kubernetes is a label as RFC 1123 has it. */
export function namespaceArgument(text: string): string {
  if (/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError('A namespace has small letters, digits and hyphens.');
}

/** A quantity of Kubernetes, in bytes. */
export function storageArgument(text: string): string {
  if (/^[1-9]\d*(?:[KMGTP]i?)?$/.test(text)) return text.replace(/^(\d+)K$/, '$1k');
  throw new InvalidArgumentError('A size is written such as 20Gi or 500G.');
}
