/** A name or a message of a server as one line that no program obeys: control and direction characters are replaced. */
export function oneLine(text: string): string {
  return text.replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu,
    '\uFFFD',
  );
}
