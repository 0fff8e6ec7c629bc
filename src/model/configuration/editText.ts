import {
  applyEdits,
  createScanner,
  findNodeAtLocation,
  modify,
  parseTree,
  type JSONPath,
} from 'jsonc-parser';

/** A configuration file without servers. */
export const emptyConfiguration = '{\n  "servers": {}\n}\n';

/**
 * The text of a configuration file with one field set, or removed if `value` is undefined; comments
 * and formatting stay. A path that ends in -1 appends to a list.
 */
export function withField(text: string, path: JSONPath, value: unknown): string {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const json = text.slice(mark.length);
  const edits = modify(json, path, value, {
    formattingOptions: indentationOf(json),
    isArrayInsertion: path.at(-1) === -1,
  });
  return mark + applyEdits(json, edits);
}

/**
 * The text without one item of a list. `modify` would take the comment behind the item before it
 * along; here only the item, its comma and its indentation go.
 */
export function withoutItem(text: string, path: JSONPath): string {
  const tree = parseTree(text.replace(/^\uFEFF/, ' '), [], { allowTrailingComma: true });
  const item = tree && findNodeAtLocation(tree, path);
  const items = item?.parent?.children;
  if (!item || !items) return text;
  const end = item.offset + item.length;
  const comma = commaBehind(text, end);
  const before = text.slice(0, item.offset).replace(/\n?[ \t]*$/, '');
  if (comma !== undefined) return before + text.slice(end, comma) + text.slice(comma + 1);
  const previous = items[items.indexOf(item) - 1];
  const needless = previous && commaBehind(before, previous.offset + previous.length);
  const head =
    needless === undefined ? before : before.slice(0, needless) + before.slice(needless + 1);
  return head + text.slice(end);
}

/** Where the next comma stands, if nothing but blanks and comments is before it. */
function commaBehind(text: string, offset: number): number | undefined {
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  scanner.scan();
  return text[scanner.getTokenOffset()] === ',' ? scanner.getTokenOffset() : undefined;
}

/** As the first indented line has it: tabs, or so many spaces. */
function indentationOf(text: string): { insertSpaces: boolean; tabSize: number } {
  const first = /^(?:\t|( +))\S/m.exec(text);
  return { insertSpaces: first?.[0].startsWith('\t') !== true, tabSize: first?.[1]?.length ?? 2 };
}
