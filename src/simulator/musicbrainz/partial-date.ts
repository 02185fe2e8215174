import type { PartialDate } from './specs.ts';

/**
 * A date as MusicBrainz writes it: `2011-05-23`, `2011-05` or `2011`; parts that are unknown before one that is known
 * are question marks. Null where nothing is known.
 */
export function formatDate(date: PartialDate): string | null {
  if (date.day !== null) return `${year(date)}-${two(date.month)}-${two(date.day)}`;
  if (date.month !== null) return `${year(date)}-${two(date.month)}`;
  return date.year === null ? null : year(date);
}

function year(date: PartialDate): string {
  return date.year === null ? '????' : String(date.year).padStart(4, '0');
}

function two(part: number | null): string {
  return part === null ? '??' : String(part).padStart(2, '0');
}
