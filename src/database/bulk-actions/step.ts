import type { Database, Transaction } from '../connection.ts';
import { transactionWithRetry } from '../event-states/retry-on-conflict.ts';
import type { BulkState } from './bulk-action.ts';
import type { BulkKind, BulkKinds } from './bulk-kind.ts';
import { chooseRows } from './choose-rows.ts';
import { completeBulkAction } from './end-bulk-action.ts';
import type { LeaseHolder } from './lease.ts';
import { workBatch } from './work-batch.ts';

/** What there is of an action in a step; its row is locked. */
export interface ActionInHand {
  readonly id: string;
  readonly kind: string;
  readonly filter: unknown;
  readonly state: BulkState;
  readonly cursor: unknown;
  readonly planned_by: string;
  readonly actor: string | null;
  readonly note: string | null;
}

export type BulkStep =
  /** There is more to do. */
  | 'more'
  /** The dry run, or the action, is complete. */
  | 'complete'
  /** Somebody else has it, or it was stopped. */
  | 'lost';

/**
 * Does the next piece of a bulk action in one transaction: chooses some rows, or says what would become of some, or does
 * some, and marks them. Whoever lost the lease does nothing.
 *
 * @param rows how many at once
 */
export async function stepBulkAction(
  db: Database,
  kinds: BulkKinds,
  work: LeaseHolder & { readonly id: string; readonly rows: number },
): Promise<BulkStep> {
  return transactionWithRetry(db, async (tx) => {
    const action = await lockAction(tx, work);
    if (action === undefined) return 'lost';
    const kind = kinds[action.kind];
    if (kind === undefined) throw new Error(`there is no kind of bulk action ${action.kind}: a newer version made it`);
    return stepOf(tx, { action, kind, rows: work.rows });
  });
}

async function stepOf(
  tx: Transaction,
  { action, kind, rows }: { readonly action: ActionInHand; readonly kind: BulkKind; readonly rows: number },
): Promise<BulkStep> {
  if (action.state === 'choosing') {
    await chooseRows(tx, action, kind, rows);
    return 'more';
  }
  if (await workBatch(tx, action, kind, rows)) return 'more';
  if (action.state === 'running') await completeBulkAction(tx, action.id);
  else {
    await tx.query(
      `update artwork_reconciler.bulk_action
       set state = 'planned', lease_holder = null, lease_until = null where id = $1`,
      [action.id],
    );
  }
  return 'complete';
}

async function lockAction(
  tx: Transaction,
  { id, holder, leaseSeconds }: LeaseHolder & { readonly id: string },
): Promise<ActionInHand | undefined> {
  const { rows } = await tx.query<ActionInHand>(
    `update artwork_reconciler.bulk_action
     set lease_until = clock_timestamp() + $3::float8 * interval '1 second', fault = null
     where id = $1 and lease_holder = $2 and state in ('choosing', 'planning', 'running')
     returning id, kind, filter, state, cursor, planned_by, actor, note`,
    [id, holder, leaseSeconds],
  );
  return rows[0];
}
