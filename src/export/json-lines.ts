/** A line of JSON lines, with its end: one value whatever it holds, as JSON has line breaks only as `\n` in texts. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
