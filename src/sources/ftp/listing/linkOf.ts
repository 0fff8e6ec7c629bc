/**
 * `name -> target`. Where there are several arrows, the size of the link tells: it is the number of
 * bytes of its target.
 */
export function linkOf(text: string, size: number): { name: string; target?: string } {
  const arrow = ' -> ';
  const bySize = text.length - size - arrow.length;
  const first = text.indexOf(arrow);
  const at = size > 0 && bySize > 0 && text.startsWith(arrow, bySize) ? bySize : first;
  if (at <= 0) return { name: text };
  return { name: text.slice(0, at), target: text.slice(at + arrow.length) };
}
