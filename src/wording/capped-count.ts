import type { CappedCount } from '../database/lists/index.ts';

/** `12`, or `10,000+` where there may be more. */
export function countInWords({ count, exact }: CappedCount): string {
  return `${count.toLocaleString('en')}${exact ? '' : '+'}`;
}
