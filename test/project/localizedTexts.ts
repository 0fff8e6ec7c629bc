import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** The English texts of all `l10n.t('…')` in `src`, sorted. Throws if one is not written out. */
export function localizedTexts(): string[] {
  const texts = new Set<string>();
  for (const file of readdirSync('src', { recursive: true }).map(String)) {
    if (!file.endsWith('.ts')) continue;
    const name = path.join('src', file);
    const source = ts.createSourceFile(name, readFileSync(name, 'utf8'), ts.ScriptTarget.ES2022);
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && node.expression.getText(source) === 'l10n.t') {
        const [text] = node.arguments;
        if (!text || !ts.isStringLiteralLike(text)) {
          throw new Error(`${name}: ${node.getText(source)} has no text to translate.`);
        }
        texts.add(text.text);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return [...texts].sort();
}
