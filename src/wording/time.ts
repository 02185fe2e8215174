import { inUtc } from '../domain/brake.ts';

const day = 86_400;
const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: day, w: 7 * day };
/** A century: PostgreSQL's clock can't go back some thousand years. */
const most = 36_500 * day;

/** What a person may write for an age, as errors say it. */
export const agesLookLike = 'a number and a unit (s, m, h, d or w), e.g. 90m, 12h or 3d, at most 36500d';

/** Ages, as the API's description has them: `parseAge` takes each of these, and some besides. */
export const agePattern = /^([0-9]{1,5}[smh]|[0-9]{1,4}d|[0-9]{1,3}w)$/;

/** The seconds of an age such as `90m`, `12h`, `3d` or `1.5w`; null where it is none, or a longer one than makes sense. */
export function parseAge(text: string): number | null {
  const [, number, unit] = /^(\d{1,6}(?:\.\d{1,6})?)([smhdw])$/.exec(text.trim()) ?? [];
  const seconds = Number(number) * secondsOf[unit ?? '']!;
  return seconds <= most ? seconds : null;
}

/** What a person may write for a moment since which something is asked, as errors say it. */
export const sinceLooksLike =
  'today, yesterday, a day like 2026-11-01 or a moment like 2026-11-01T12:00Z (UTC), or an age like 90m, 24h or 7d';

/**
 * The moment that `yesterday`, `24h`, `2026-11-01` or `2026-11-01T12:00Z` stands for; days are UTC's. Null where it is none, or
 * ahead of `now`.
 */
export function parseSince(text: string, now: Date): Date | null {
  const written = text.trim().toLowerCase();
  const age = parseAge(written);
  if (age !== null) return new Date(now.getTime() - age * 1000);
  const days = ['today', 'yesterday'].indexOf(written);
  if (days >= 0) return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() - days));
  if (!/^\d{4}-\d\d-\d\d(t\d\d:\d\d(:\d\d(\.\d{1,3})?)?(z|[+-]\d\d:\d\d))?$/.test(written)) return null;
  const moment = new Date(written.toUpperCase());
  // 31 February is another day.
  const isThatDay = written.length > 10 || moment.toJSON()?.startsWith(written);
  return isThatDay && !Number.isNaN(moment.getTime()) && moment <= now ? moment : null;
}

/** How long something took or is still to take, as pages say it: whole units, e.g. `8 s`, `5 min`, `36 h` or `12 days`. */
export function wholeDuration(seconds: number): string {
  return inUnits(Math.max(0, seconds), Math.floor);
}

/** The same of what is only reckoned: the nearest unit rather than the last one that is full. */
export function aboutDuration(seconds: number): string {
  return inUnits(seconds, Math.round);
}

function inUnits(seconds: number, round: (number: number) => number): string {
  const whole = (length: number): number => round(seconds / length);
  if (whole(1) < 60) return `${whole(1)} s`;
  if (whole(60) < 60) return `${whole(60)} min`;
  if (whole(3600) < 48) return `${whole(3600)} h`;
  return whole(day) < 2 * 365 ? `${whole(day)} days` : `${whole(365 * day)} years`;
}

/** A limit that somebody set, in the largest unit that says it exactly: `90 min` rather than `1 h`. */
export function exactDuration(seconds: number): string {
  if (seconds > 0 && seconds % day === 0) return seconds === day ? '1 day' : `${grouped(seconds / day)} days`;
  if (seconds > 0 && seconds % 3600 === 0) return `${grouped(seconds / 3600)} h`;
  return seconds > 0 && seconds % 60 === 0 ? `${grouped(seconds / 60)} min` : `${grouped(seconds)} s`;
}

function grouped(number: number): string {
  return number.toLocaleString('en');
}

/** A number with as many digits as one reads. */
export function rounded(number: number): string {
  return number.toLocaleString('en', number < 100 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 });
}

/** How long ago a moment was, or how far ahead it is, as lists say it: `5 min ago`, `in 8 s`. */
export function agoInWords(moment: Date, now = new Date()): string {
  const seconds = (now.getTime() - moment.getTime()) / 1000;
  return seconds >= 0 ? `${wholeDuration(seconds)} ago` : `in ${wholeDuration(-seconds)}`;
}

/** A moment where there is nothing to point at for the rest of it: `2026-01-31 12:00:00 UTC (5 min ago)`. */
export function momentInWords(moment: Date, now = new Date()): string {
  return `${inUtc(moment)} (${agoInWords(moment, now)})`;
}
