/** The bits of `rwsr-xr-t`; undefined where a server writes something else. */
export function modeOfRights(rights: string): number | undefined {
  if (!/^[-rwxsStTlL]{9}$/.test(rights)) return undefined;
  let mode = 0;
  for (const letter of rights) mode = mode * 2 + (/[rwxst]/.test(letter) ? 1 : 0);
  const special = (index: number, bit: number): number =>
    /[sStTlL]/.test(rights.charAt(index)) ? bit : 0;
  return mode | special(2, 0o4000) | special(5, 0o2000) | special(8, 0o1000);
}
