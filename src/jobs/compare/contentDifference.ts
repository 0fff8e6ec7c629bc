import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { decodeText, isText } from '../../model/textContent';

/** Bytes. A longer file is no text that a person reads. */
export const longestText = 1024 * 1024;
/** With more changed lines than this it is another file. */
const mostEdits = 5000;

/** One side: undefined where there is no such file. */
export interface Side {
  readonly name: string;
  /** ISO 8601. */
  readonly time?: string;
  readonly content?: Buffer;
}

/** How two texts differ, as a unified difference; or why that cannot be shown. */
export type ContentDifference =
  { readonly patch: string } | { readonly reason: 'binary' | 'too-long' | 'same' };

/** @param before and `after`, each at most `longestText` bytes long */
export function contentDifference(before: Side, after: Side): ContentDifference {
  const { content: old } = before;
  const { content: now } = after;
  if (old && now?.equals(old)) return { reason: 'same' };
  if (!isShown(old) || !isShown(now)) return { reason: 'binary' };
  const [from, to] = [textOf(before), textOf(after)];
  const patch = createTwoFilesPatch(
    ...([from.name, to.name, from.text, to.text, before.time, after.time] as const),
    { context: 3, maxEditLength: mostEdits, headerOptions: FILE_HEADERS_ONLY },
  );
  return patch === undefined ? { reason: 'too-long' } : { patch };
}

function isShown(content: Buffer | undefined): boolean {
  return content === undefined || content.length === 0 || isText(content);
}

function textOf({ name, content }: Side): { readonly name: string; readonly text: string } {
  return content ? { name, text: decodeText(content) } : { name: '/dev/null', text: '' };
}
