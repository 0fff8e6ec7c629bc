/** The first line of `ls -l`, in the languages that servers are known to speak. */
const totals = [
  ...['total', 'insgesamt', 'gesamt', 'totale', 'totaal', 'totalt', 'итого', 'всего', 'итог'],
  ...['合計', '合计', '总用量', '總計', '总计', '합계', 'celkem', 'spolu', 'razem', 'összesen'],
  ...[
    'yhteensä',
    'toplam',
    'σύνολο',
    'ukupno',
    'skupaj',
    'kokku',
    'kopā',
    'viso',
    'guztira',
    'tổng',
  ],
].map((word) => Buffer.from(word, 'utf8').toString('latin1'));

const amount = String.raw`[:\s]*[\d.,]+ ?[kKMGTP]?i?B?`;
const total = new RegExp(`^(?:${totals.join('|')})${amount}$`, 'i');
const anyTotal = new RegExp(`^[^\\s\\d-][^\\s\\d]{0,30}(?: [^\\s\\d]{1,20})?${amount}$`);

/** What the shell of DOS writes around its listings. */
const ofDos = [
  /^ *Volume (?:in drive|Serial Number) .*$/i,
  /^ *Directory of .*$/i,
  /^ *[\d.,]+ (?:File|Dir)\(s\) .*$/i,
];

/** Whether a line is no entry but says something of the whole, such as `total 12`. */
export function isHeading(line: string): boolean {
  return total.test(line) || ofDos.some((pattern) => pattern.test(line));
}

/** Whether the first line of a listing may be such a heading in a language that nobody foresaw. */
export function isFirstHeading(line: string, next: string | undefined): boolean {
  return anyTotal.test(line) && /^[-bcdlps][-rwxsStT]{9}/.test(next ?? '');
}
