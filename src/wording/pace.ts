import type { FullPass, Pace } from '../database/pace/index.ts';
import { duration, rounded } from './duration.ts';
import { toSeconds } from './moment.ts';

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
