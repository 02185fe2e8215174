import sql, { raw } from 'sql-template-tag';
import type { Operator } from '../operators/recorded.ts';
import { type RowOutcome, type BulkKind, changed } from '../operators/bulk-kind.ts';
import type { Database, Transaction } from '../connection.ts';
import { lockEvents, transactionWithRetry } from '../locks.ts';
import { compareIds } from '../row-id.ts';
import { chooseEvents, type Refusal, recordAction, refuseOthers, targetOf, refusalReasons } from './bulk-events.ts';
import { eventVersion, isDismissed } from './event-sql.ts';
import { changedSincePage, versionOfDecision } from './plan-requeue.ts';

/** `dismissEvents`, batch by batch. What failed again since the dry run is not dismissed: nobody has seen that. */
export const dismissInBulk: BulkKind = {
  choose: chooseEvents,

  async carryOut(tx, { rows, dryRun, by }) {
    const { rows: failed } = await tx.query<{ id: number; version: string }>(
      lockEvents(
        sql`select e.id, ${raw(eventVersion)} as version from artwork_indexer.event_queue e
         where e.id = any (${rows.map(({ target }) => target)}::bigint[]) and e.state = 'failed' and not ${raw(isDismissed)}
           and not exists (select from artwork_reconciler.event_claim claim where claim.event = e.id)`,
      ),
    );
    const seen = new Map(rows.map(({ target, version }) => [target, version]));
    const outcomes = failed.map(({ id, version }): RowOutcome => {
      if (seen.get(id) !== version) return { target: id, outcome: 'refused', reason: changed };
      return { target: id, outcome: 'done' };
    });
    const dismissed = outcomes.filter(({ outcome }) => outcome === 'done').map(({ target }) => target);
    if (!dryRun) await writeDismissals(tx, dismissed, by);
    return [...outcomes, ...(await refuseOthers(tx, rows, new Set(outcomes.map(({ target }) => target))))];
  },
};

export interface DismissResult {
  readonly dismissed: readonly number[];
  /** Asked for by id, and left as they are. */
  readonly refused: readonly Refusal[];
}

/**
 * Hides failed events from lists, counts and alerts. The rows stay `failed`; requeueing one undoes it, and so does
 * whatever else changes the row.
 *
 * @param ids which events; many of them are a bulk action's (`dismissInBulk`)
 * @param options.dryRun says what would be done, and does nothing
 * @param options.seen as in `requeueEvents`
 */
export async function dismissEvents(
  db: Database,
  ids: readonly number[],
  by: Operator,
  options: { readonly dryRun?: boolean; readonly seen?: string } = {},
): Promise<DismissResult> {
  return transactionWithRetry(db, async (tx) => {
    const { rows } = await tx.query<{ id: number }>(
      lockEvents(
        sql`select e.id from artwork_indexer.event_queue e
         where e.id = any (${ids}::bigint[]) and e.state = 'failed' and not ${raw(isDismissed)}
           and not exists (select from artwork_reconciler.event_claim claim where claim.event = e.id)`,
      ),
    );
    const [only] = ids;
    if (options.seen !== undefined && only !== undefined && (await versionOfDecision(tx, only)) !== options.seen) {
      return { dismissed: [], refused: [{ id: only, reason: changedSincePage }] };
    }
    const dismissed = rows.map(({ id }) => id).sort(compareIds);
    const found = new Set(dismissed);
    const refused = await refusalReasons(
      tx,
      ids.filter((id) => !found.has(id)),
    );
    if (options.dryRun !== true && dismissed.length > 0) {
      await writeDismissals(tx, dismissed, by);
      await recordAction(tx, by, { action: 'dismiss events', target: targetOf(dismissed), after: { dismissed } });
    }
    return { dismissed, refused };
  });
}

/** Of failed events whose rows are locked. */
async function writeDismissals(tx: Transaction, ids: readonly number[], by: Operator): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.event_dismissal (event, last_updated, actor, note)
     select e.id, e.last_updated, $2, $3 from artwork_indexer.event_queue e where e.id = any ($1::bigint[])
     on conflict (event) do update
       set last_updated = excluded.last_updated, at = now(), actor = excluded.actor, note = excluded.note`,
    [ids, by.actor, by.note ?? null],
  );
}
