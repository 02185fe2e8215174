import type { BulkAction } from '../../../database/bulk-actions/index.ts';
import type { BulkPage } from '../../bulk/bulk-page.ts';

/** `1,200 events`. */
export function countOf(number: number, { one, many }: BulkPage): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

/** What an action is, as its heading and lists say it. */
export function titleOf(action: BulkAction, page: BulkPage): string {
  const what = countOf(action.chosen, page);
  if (action.confirmedAt === null) return `${page.verb} ${what}: dry run`;
  return `${page.verb} ${what}`;
}

/** How far it is. */
export function stateInWords({ state, confirmedAt }: BulkAction): string {
  switch (state) {
    case 'choosing':
    case 'planning':
      return 'finding out what would be done';
    case 'planned':
      return 'waits to be confirmed';
    case 'running':
      return 'running';
    case 'done':
      return 'done';
    case 'stopped':
      return confirmedAt === null ? 'discarded' : 'stopped';
  }
}
