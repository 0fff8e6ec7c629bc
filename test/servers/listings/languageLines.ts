import { at, one, utf8, type ListingCase } from './listingCase';

/** A file of 531 bytes in the manner of `ls -l`, with its date as given. */
export const dated = (what: string, date: string, mtime: number): ListingCase =>
  one(what, `-rw-r--r--   1 root     other        531 ${date} a file`, {
    name: 'a file',
    size: 531,
    mtime,
  });

const inUtf8 = (what: string, date: string, mtime: number): ListingCase =>
  dated(`${what}, UTF-8`, utf8(date), mtime);

const august = at(2026, 8, 4, 7, 24);

/** Servers that list in the manner of `ls -l`, with months in their own language and encoding. */
export const languageLines: readonly ListingCase[] = [
  inUtf8('French', 'févr.  3  2020', at(2020, 2, 3)),
  inUtf8('French', 'août   4 07:24', august),
  inUtf8('French, the day first', '3 févr. 2020', at(2020, 2, 3)),
  dated('French, latin1', 'f\xe9vr.  3  2020', at(2020, 2, 3)),
  dated('French, latin1', 'd\xe9c.  3  2020', at(2020, 12, 3)),
  dated('French without marks', 'aout   4 07:24', august),
  inUtf8('German', 'Mär  3  2020', at(2020, 3, 3)),
  dated('German, latin1', 'M\xe4r  3  2020', at(2020, 3, 3)),
  dated('German, latin1', 'M\xe4rz  3  2020', at(2020, 3, 3)),
  dated('German', 'Dez  3  2020', at(2020, 12, 3)),
  dated('German, the day first', '26. Juli, 20:10', at(2026, 7, 26, 20, 10)),
  dated('German, the day first', '2.   Okt.  2003', at(2003, 10, 2)),
  dated('German', '30. Jan., 12:40', at(2026, 1, 30, 12, 40)),
  inUtf8('Austrian', 'Jän  3  2020', at(2020, 1, 3)),
  dated('Spanish', 'ene  3  2020', at(2020, 1, 3)),
  dated('Spanish', 'ago  4 07:24', august),
  dated('Italian', 'giu  3  2020', at(2020, 6, 3)),
  dated('Italian', 'ott  3  2020', at(2020, 10, 3)),
  dated('Portuguese', 'out  3  2020', at(2020, 10, 3)),
  dated('Dutch', 'mrt  3  2020', at(2020, 3, 3)),
  dated('Dutch', 'mei  3  2020', at(2020, 5, 3)),
  inUtf8('Polish', 'paź  3  2020', at(2020, 10, 3)),
  dated('Polish, latin2', 'pa\xbc  3  2020', at(2020, 10, 3)),
  inUtf8('Czech', 'říj  3  2020', at(2020, 10, 3)),
  inUtf8('Slovak', 'máj  3  2020', at(2020, 5, 3)),
  inUtf8('Hungarian', 'szept.  3  2020', at(2020, 9, 3)),
  inUtf8('Hungarian', 'márc. 3 2020', at(2020, 3, 3)),
  dated('Hungarian, the day first', '26. szept. 20:10', at(2026, 9, 26, 20, 10)),
  inUtf8('Finnish', 'heinä  3  2020', at(2020, 7, 3)),
  dated('Finnish, latin1', 'kes\xe4  3  2020', at(2020, 6, 3)),
  dated('Swedish', 'maj  3  2020', at(2020, 5, 3)),
  dated('Danish and Norwegian', 'okt  3  2020', at(2020, 10, 3)),
  inUtf8('Icelandic', 'ágú  3  2020', at(2020, 8, 3)),
  inUtf8('Turkish', 'Ağu  3  2020', at(2020, 8, 3)),
  inUtf8('Greek', 'Αύγ  3  2020', at(2020, 8, 3)),
  inUtf8('Russian', 'янв  3  2020', at(2020, 1, 3)),
  inUtf8('Russian', 'сентября  3  2020', at(2020, 9, 3)),
  dated('Russian, koi8-r', '\xd1\xce\xd7  3  2020', at(2020, 1, 3)),
  dated('Russian, windows-1251', '\xff\xed\xe2  3  2020', at(2020, 1, 3)),
  inUtf8('Ukrainian', 'серп.  3  2020', at(2020, 8, 3)),
  inUtf8('Bulgarian', 'яну  3  2020', at(2020, 1, 3)),
  inUtf8('Lithuanian', 'rugs  3  2020', at(2020, 9, 3)),
  inUtf8('Japanese', '8月  4 07:24', august),
  inUtf8('Japanese', '4月 18日 2003年', at(2003, 4, 18)),
  dated('Japanese, Shift JIS', '4\x8c\x8e 18\x93\xfa 2003\x94\x4e', at(2003, 4, 18)),
  dated('Japanese, EUC', '8\xb7\xee  4 07:24', august),
  inUtf8('Chinese', '8月   4 07:24', august),
  inUtf8('Chinese', '2005年 1月 6日', at(2005, 1, 6)),
  dated('Chinese, GBK', '8\xd4\xc2  4 07:24', august),
  dated('Chinese, the year first', '2003   3\xed\xef 20', at(2003, 3, 20)),
  inUtf8('Korean', '8월  4 07:24', august),
  inUtf8('Korean', '2005년  1월  6일', at(2005, 1, 6)),
  dated('four letters', 'Sept  3  2020', at(2020, 9, 3)),
  dated('capitals', 'AUG  4 07:24', august),
  dated('a whole word', 'August  4 07:24', august),
];
