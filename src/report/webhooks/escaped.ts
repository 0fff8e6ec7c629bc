/** What could begin a tag, an entity or a mention is itself: in HTML, and in texts that Slack reads. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
