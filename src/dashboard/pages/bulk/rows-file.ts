import type { BulkRow } from '../../../database/bulk-actions/index.ts';
import type { DownloadForm } from '../../lists/download.ts';

export const outcomes = ['done', 'skipped', 'refused'] as const;

/** The rows of a bulk action as a file. */
export const rowsFile: Omit<DownloadForm<BulkRow>, 'name'> = {
  columns: [
    ['id', ({ target }) => target],
    ['along', ({ along }) => along],
    ['dry_run', ({ planned }) => planned],
    ['dry_run_reason', ({ plannedReason }) => plannedReason],
    ['outcome', ({ outcome }) => outcome],
    ['reason', ({ reason }) => reason],
  ],
  json: ({ target, along, planned, plannedReason, outcome, reason }) => ({
    id: target,
    along,
    dry_run: planned,
    dry_run_reason: plannedReason,
    outcome,
    reason,
  }),
};
