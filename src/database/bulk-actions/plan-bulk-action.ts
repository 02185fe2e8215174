import { randomUUID } from 'node:crypto';
import type { Queryable } from '../connection.ts';

/**
 * Begins a dry run: which rows are chosen, and what would become of each, is found out by `stepBulkAction`. Nothing is
 * done to them before somebody confirms.
 *
 * @param filter as its kind reads it; kept as JSON
 * @returns the id of the bulk action
 */
export async function planBulkAction(
  q: Queryable,
  action: { readonly kind: string; readonly filter: unknown; readonly plannedBy: string },
): Promise<string> {
  const id = randomUUID();
  await q.query(
    `insert into artwork_reconciler.bulk_action (id, kind, filter, planned_by) values ($1, $2, $3::jsonb, $4)`,
    [id, action.kind, JSON.stringify(action.filter), action.plannedBy],
  );
  return id;
}
