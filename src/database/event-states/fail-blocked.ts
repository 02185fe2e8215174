import type { Database } from '../connection.ts';
import type { EndSettings } from '../event-queries/settings.ts';
import { dependentsReason, failDependents } from './fail-dependents.ts';
import { lockEvents } from './locks.ts';
import { transactionWithRetry } from './retry-on-conflict.ts';
import { tryEach } from '../try-each.ts';

/**
 * Fails the queued events that wait for one that has failed, and so would wait for ever: those that the other daemon's
 * housekeeping leaves blocked, and those that a trigger tied to an event just when it failed. Left as they are they
 * would swallow every new event of their kind, since the queue holds only one.
 *
 * At once where we failed that one: its last attempt was ours, or it was queued and failed with its own parent. Else
 * not before `foreign_running_minutes` after the failure: until then the other daemon may still have it in hand, and
 * complete it. One that we have in hand is not looked at.
 *
 * @returns the ids of those that were queued until now
 */
export async function failBlocked(db: Database, settings: EndSettings): Promise<number[]> {
  const { rows: parents } = await db.query<{ id: number }>(
    `select parent.id
     from artwork_indexer.event_queue e join artwork_indexer.event_queue parent on parent.id = any (e.depends_on)
     where e.state = 'queued' and e.depends_on is not null and ${failedForGood('parent', '$1')}
     group by parent.id
     order by parent.id`,
    [settings.events.foreignRunningMinutes],
  );
  const failed = await tryEach(parents, ({ id }) =>
    transactionWithRetry(db, async (tx) => {
      const { rowCount } = await tx.query(
        lockEvents(`select e.id from artwork_indexer.event_queue e where e.id = $2 and ${failedForGood('e', '$1')}`),
        [settings.events.foreignRunningMinutes, id],
      );
      return rowCount === 1 ? failDependents(tx, id, settings) : [];
    }),
  );
  return failed.flat();
}

const failedForGood = (parent: string, minutes: string): string => `
  ${parent}.state = 'failed'
  and (${failedByUs(parent)} or ${parent}.last_updated < clock_timestamp() - ${minutes}::float8 * interval '1 minute')
  and not exists (select from artwork_reconciler.event_claim claim where claim.event = ${parent}.id)`;

/** `last_updated` is when the transaction began that failed it, and what that recorded is no older. */
const failedByUs = (event: string): string => `(
  exists (
    select from artwork_reconciler.event_attempt attempt
    where attempt.event = ${event}.id and attempt.outcome in ('failed', 'superseded')
      and attempt.ended_at >= ${event}.last_updated
  )
  or exists (
    select from artwork_indexer.event_failure_reason told
    where told.event = ${event}.id and told.created >= ${event}.last_updated
      and told.failure_reason like '${dependentsReason('%')}'
  ))`;
