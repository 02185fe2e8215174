import type { Operator } from '../brakes/stored-brakes.ts';
import type { Database, Transaction } from '../connection.ts';
import { conditionOf, type EventFilter } from '../event-queries/event-filter.ts';
import { type LeftAlone, targetOf, whyLeftAlone } from './left-alone.ts';
import { lockEvents } from './locks.ts';
import { changedSincePage, versionOfDecision } from './read-requeue.ts';
import { recordAction } from './record-action.ts';
import { transactionWithRetry } from './retry-on-conflict.ts';

export interface DismissResult {
  readonly dismissed: readonly number[];
  /** Asked for by id, and left as they are. */
  readonly refused: readonly LeftAlone[];
}

/**
 * Hides failed events from lists, counts and alerts. The rows stay `failed`; requeueing one undoes it, and so does
 * whatever else changes the row.
 *
 * @param options.dryRun says what would be done, and does nothing
 * @param options.seen as in `requeueEvents`
 */
export async function dismissEvents(
  db: Database,
  filter: EventFilter,
  by: Operator,
  options: { readonly dryRun?: boolean; readonly seen?: string } = {},
): Promise<DismissResult> {
  return transactionWithRetry(db, async (tx) => {
    const values: unknown[] = [];
    const { rows } = await tx.query<{ id: number }>(
      lockEvents(
        `select e.id from artwork_indexer.event_queue e
         where e.state = 'failed' and ${conditionOf(filter, values)}
           and not exists (select from artwork_reconciler.event_claim claim where claim.event = e.id)`,
      ),
      values,
    );
    const [only] = filter.ids ?? [];
    if (options.seen !== undefined && only !== undefined && (await versionOfDecision(tx, only)) !== options.seen) {
      return { dismissed: [], refused: [{ id: only, reason: changedSincePage }] };
    }
    const dismissed = rows.map(({ id }) => id).sort((one, other) => one - other);
    const found = new Set(dismissed);
    const refused = await whyLeftAlone(
      tx,
      (filter.ids ?? []).filter((id) => !found.has(id)),
    );
    if (options.dryRun !== true && dismissed.length > 0) {
      await writeDismissals(tx, dismissed, by);
      await recordAction(tx, by, { action: 'dismiss events', target: targetOf(dismissed), after: { dismissed } });
    }
    return { dismissed, refused };
  });
}

/** Of failed events whose rows are locked. */
export async function writeDismissals(tx: Transaction, ids: readonly number[], by: Operator): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.event_dismissal (event, last_updated, actor, note)
     select e.id, e.last_updated, $2, $3 from artwork_indexer.event_queue e where e.id = any ($1::bigint[])
     on conflict (event) do update
       set last_updated = excluded.last_updated, at = now(), actor = excluded.actor, note = excluded.note`,
    [ids, by.actor, by.note ?? null],
  );
}
