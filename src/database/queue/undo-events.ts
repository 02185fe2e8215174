import sql, { raw } from 'sql-template-tag';
import { type BulkBatch, type BulkKind, changed, type RowOutcome } from '../operators/bulk-kind.ts';
import {
  actionToUndo,
  type Operator,
  type RecordedAction,
  rowsOfRecord,
  type UndoFilter,
} from '../operators/recorded.ts';
import type { Transaction } from '../connection.ts';
import { lockEvents } from '../locks.ts';
import { rowsOf } from './bulk-events.ts';
import { requeueInBulk } from './bulk-requeue.ts';
import { eventVersion, maxAttempts } from './event-sql.ts';

/** Undoes what one recorded action did to events, as far as nothing else has happened to them since. */
export const undoOnEvents: BulkKind = {
  async choose(tx, filter, page) {
    const { ids, next } = await rowsOfRecord(tx, (filter as UndoFilter).action, page);
    return { rows: await rowsOf(tx, ids), next };
  },

  // What was withdrawn is queued again with what it depends on.
  together: async (tx, batch) => (await requeueInBulk.together?.(tx, batch)) ?? [],

  async carryOut(tx, batch) {
    const action = await actionToUndo(tx, batch.filter);
    const rows = await lockRows(tx, batch, action);
    const found = new Map(rows.map((row) => [row.id, row]));
    const outcomes = batch.rows.map(({ target, version }): RowOutcome => {
      const row = found.get(target);
      if (row === undefined) return { target, outcome: 'refused', reason: 'it was completed and cleaned up' };
      const reason = row.version === version ? whyNot(action, row) : changed;
      return reason === null ? { target, outcome: 'done' } : { target, outcome: 'refused', reason };
    });
    const ids = outcomes.filter(({ outcome }) => outcome === 'done').map(({ target }) => target);
    if (action.kind === 'withdraw_events') {
      const requeued = new Set(ids);
      const rest = outcomes.filter(({ target }) => !requeued.has(target));
      return [
        ...rest,
        ...(await requeueInBulk.carryOut(tx, { ...batch, rows: batch.rows.filter((row) => requeued.has(row.target)) })),
      ];
    }
    if (batch.dryRun) return outcomes;
    if (action.kind === 'dismiss_events') await showAgain(tx, ids);
    else await failAgain(tx, ids, batch.by);
    return outcomes;
  },
};

interface EventRow {
  readonly id: number;
  readonly state: string;
  readonly version: string;
  readonly claimed: boolean;
  readonly tried: boolean;
  /** It was changed by nothing but the action, the last time. */
  readonly isOurs: boolean;
  readonly isDismissedByUs: boolean;
  /** A queued event that waits for it, and that the action is not about. */
  readonly dependent: number | null;
}

async function lockRows(tx: Transaction, { rows }: BulkBatch, action: RecordedAction): Promise<readonly EventRow[]> {
  const ids = rows.map(({ target }) => target);
  const { rows: locked } = await tx.query<EventRow>(
    lockEvents(sql`select e.id, e.state::text as state, ${raw(eventVersion)} as version,
       exists (select from artwork_reconciler.event_claim claim where claim.event = e.id) as claimed,
       e.attempts > 0 as tried,
       e.last_updated between ${action.from}::timestamptz and ${action.until}::timestamptz + interval '1 ms' as "isOurs",
       exists (
         select from artwork_reconciler.event_dismissal dismissal
         where dismissal.event = e.id and dismissal.last_updated = e.last_updated and dismissal.actor = ${action.actor}
           and dismissal.at between ${action.from}::timestamptz and ${action.until}::timestamptz + interval '1 ms'
       ) as "isDismissedByUs",
       (
         select min(later.id) from artwork_indexer.event_queue later
         where later.depends_on @> array[e.id] and later.state in ('queued', 'failed')
           and later.state = 'queued' and later.id <> all (${ids}::bigint[])
       ) as dependent
     from artwork_indexer.event_queue e where e.id = any (${ids}::bigint[])`),
  );
  return locked;
}

/** What has happened to an event since, in words; null where nothing has. */
function whyNot({ kind }: RecordedAction, row: EventRow): string | null {
  if (kind !== 'requeue_events') {
    if (row.state === 'failed' && row.isDismissedByUs) return null;
    return row.state === 'failed' ? 'it is not dismissed by this any more' : `it is ${row.state} by now`;
  }
  if (row.claimed || row.state === 'running') return 'it is being carried out';
  if (row.state === 'completed') return 'it was carried out meanwhile';
  if (row.state === 'failed') return 'it has failed again';
  if (row.tried) return 'it has been tried since';
  if (!row.isOurs) return 'it has changed since: something else waits for it, or it was queued again';
  return row.dependent === null ? null : `event ${row.dependent}, which is queued, depends on it`;
}

async function showAgain(tx: Transaction, ids: readonly number[]): Promise<void> {
  await tx.query('delete from artwork_reconciler.event_dismissal where event = any ($1::bigint[])', [ids]);
}

/** As many attempts as are recorded: they had failed for good, or with another one. */
async function failAgain(tx: Transaction, ids: readonly number[], by: Operator): Promise<void> {
  await tx.query(
    `with told as (
       insert into artwork_indexer.event_failure_reason (event, failure_reason, created)
       select id, $2, clock_timestamp() from unnest($1::bigint[]) as id
     ),
     waited as (delete from artwork_reconciler.event_not_before where event = any ($1::bigint[]))
     update artwork_indexer.event_queue e
     set state = 'failed', last_updated = now(), attempts = least(${maxAttempts}, (
       select count(*) from artwork_reconciler.event_attempt attempt
       where attempt.event = e.id and attempt.outcome <> 'given_back'
     ))
     where id = any ($1::bigint[])`,
    [ids, `${by.actor} took back that it was queued again${by.note ? `: ${by.note}` : ''}`],
  );
}
