import type { FullPass, Pace } from '../../database/pace/index.ts';
import { toSeconds } from '../events/output.ts';

/** The pace, and who says so. */
export function paceInWords({ perHour, source, setBy, setAt }: Pace): string {
  const perDay = perHour * 24;
  const number = `${rounded(perHour)} audits an hour (${rounded(perDay)} a day, one in ${duration(1 / perHour)})`;
  if (source === 'configuration') return `${number}, as the configuration says`;
  return `${number}, set by ${setBy ?? 'somebody'}${setAt === null ? '' : `, ${toSeconds(setAt)}`}`;
}

/** How long a full pass takes, and over how much. */
export function fullPassInWords({ entities, isEstimate, hours }: FullPass): string {
  if (entities === 0) return 'no entities yet; `backfill musicbrainz` adds them';
  return `${duration(hours)} for ${isEstimate ? 'about ' : ''}${entities.toLocaleString('en')} entities`;
}

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

function rounded(number: number): string {
  return number.toLocaleString('en', number < 100 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 });
}
