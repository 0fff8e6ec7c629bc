/** A name that can be a server's, and that no other one has. @param taken in lower case */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const clean = wanted
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 60)
    .replace(/[^A-Za-z0-9]+$/, '');
  const base = clean === '' ? 'server' : clean;
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
}
