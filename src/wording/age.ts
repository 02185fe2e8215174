const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 7 * 86_400 };

/** What a person may write for an age, as errors say it. */
export const agesLookLike = 'a number and a unit (s, m, h, d or w), e.g. 90m, 12h or 3d';

/** The seconds of an age such as `90m`, `12h`, `3d` or `1.5w`; null where it is none. */
export function parseAge(text: string): number | null {
  const [, number, unit] = /^(\d{1,6}(?:\.\d{1,6})?)([smhdw])$/.exec(text.trim()) ?? [];
  return number === undefined || unit === undefined ? null : Number(number) * secondsOf[unit]!;
}
