/** A moment as lists show it: UTC, to the second. */
export function toSeconds(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, 'Z');
}
