/** A number of hours in the unit in which it is short to read. */
export function duration(hours: number): string {
  const seconds = hours * 3600;
  for (const { unit, length } of units) {
    if (seconds >= 2 * length) return `${rounded(seconds / length)} ${unit}`;
  }
  return `${rounded(seconds)} seconds`;
}

/** In seconds; each is used from two of it on: 36 hours rather than 1.5 days. */
const units = [
  { unit: 'years', length: 365 * 86_400 },
  { unit: 'days', length: 86_400 },
  { unit: 'hours', length: 3600 },
  { unit: 'minutes', length: 60 },
] as const;

/** A number with as many digits as one reads. */
export function rounded(number: number): string {
  return number.toLocaleString('en', number < 100 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 });
}
