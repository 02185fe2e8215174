/** A text of several lines in one. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}
