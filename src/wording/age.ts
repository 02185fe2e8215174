const day = 86_400;
const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: day, w: 7 * day };
/** A century: PostgreSQL's clock can't go back some thousand years. */
const most = 36_500 * day;

/** What a person may write for an age, as errors say it. */
export const agesLookLike = 'a number and a unit (s, m, h, d or w), e.g. 90m, 12h or 3d, at most 36500d';

/** The seconds of an age such as `90m`, `12h`, `3d` or `1.5w`; null where it is none, or a longer one than makes sense. */
export function parseAge(text: string): number | null {
  const [, number, unit] = /^(\d{1,6}(?:\.\d{1,6})?)([smhdw])$/.exec(text.trim()) ?? [];
  const seconds = Number(number) * secondsOf[unit ?? '']!;
  return seconds <= most ? seconds : null;
}
