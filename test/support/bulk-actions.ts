import { unfinishedBulkActions } from '../../src/database/bulk-actions/bulk-action.ts';
import { bulkKinds } from '../../src/database/bulk-actions/kinds.ts';
import { workOnBulkAction } from '../../src/database/bulk-actions/step.ts';
import type { Database } from '../../src/database/connection.ts';

/** What workers do about bulk actions, here and now: where no Temporal is needed to see what comes of it. */
export async function workOnBulkActions(db: Database, rows = 500): Promise<void> {
  for (const { id } of await unfinishedBulkActions(db, 100)) {
    await workOnBulkAction(db, bulkKinds, { id, rows, isOver: () => false });
  }
}
