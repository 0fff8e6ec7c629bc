/**
 * The values in a text of Prometheus, by name and labels; that of the workspace, which all must have, is taken off.
 */
export function valuesIn(text: string, workspace: string): Map<string, number> {
  const found = new Map<string, number>();
  const own = `workspace="${workspace}"`;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, series = '', value = ''] = /^(.*) (\S+)$/.exec(line) ?? [];
    if (!series.includes(own)) throw new Error(`not of the workspace: ${line}`);
    const rest = series.replace(own, '').replace(',}', '}').replace('{}', '');
    found.set(rest, Number(value));
  }
  return found;
}
