import type { BulkAction } from '../database/bulk-actions/bulk-action.ts';

/** How far a bulk action is. */
export function bulkStateInWords({ state, confirmedAt }: Pick<BulkAction, 'confirmedAt' | 'state'>): string {
  switch (state) {
    case 'reading':
      return 'its list is being read';
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
