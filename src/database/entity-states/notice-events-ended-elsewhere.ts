import type { Config } from '../../config/config.ts';
import type { EntityType } from '../../domain/entity.ts';
import { gidsNamed } from '../../domain/queue/indexer-event.ts';
import type { Database } from '../connection.ts';
import { lockEvents } from '../event-states/locks.ts';
import { transactionWithRetry } from '../event-states/retry-on-conflict.ts';
import { type EndedEvent, noticeEndedEvent } from './notice-ended-event.ts';
import { countEach } from '../try-each.ts';

/**
 * How far back housekeeping looks for ends that it was not told of: long enough for a weekend without it, and short
 * enough to be read every few minutes, all of it by the partial index on `last_updated`. An older end that nobody saw
 * is made up for by the longest wait for pending events, by `settleRepairQueue` and by the re-audits.
 */
const lookBackDays = 3;

/**
 * Does for the events that the other daemon ended (or an operator, with SQL) what `noticeEndedEvent` does for ours.
 *
 * Each event is a transaction of its own, which locks its row: where it was queued again meanwhile, it is left alone.
 *
 * @returns how many ends were noticed
 */
export async function noticeEventsEndedElsewhere(
  db: Database,
  settings: Pick<Config['audit'], 'recentDays' | 'settleMinutes'>,
  what: { readonly limit?: number } = {},
): Promise<number> {
  const { rows } = await db.query<{ id: number }>(
    `select e.id from artwork_indexer.event_queue e
     where e.state in ('completed', 'failed') and e.last_updated > now() - make_interval(days => $1)
       and ${unnoticed}
     order by e.last_updated, e.id
     limit $2`,
    [lookBackDays, what.limit ?? 1_000],
  );
  await forgetOld(db);
  return countEach(rows, ({ id }) => noticeOne(db, id, settings));
}

/**
 * An end noticed before counts only for the attempts up to then: a requeued event ends again. A row that was failed in
 * the hand of one of our workers hasn't ended; its worker's outcome will be noticed.
 */
const unnoticed = `not exists (
  select from artwork_reconciler.noticed_event noticed
  where noticed.event_id = e.id and noticed.noticed_at >= e.last_updated)
  and not exists (select from artwork_reconciler.event_claim claim where claim.event = e.id)`;

interface EndedRow {
  readonly entity_type: EntityType;
  readonly action: string;
  readonly message: unknown;
  readonly outcome: EndedEvent['outcome'];
}

async function noticeOne(
  db: Database,
  eventId: number,
  settings: Pick<Config['audit'], 'recentDays' | 'settleMinutes'>,
): Promise<number> {
  return transactionWithRetry(db, async (tx) => {
    // The other daemon fails a row whose twin was queued meanwhile; its work is still going to be done.
    const { rows } = await tx.query<EndedRow>(
      lockEvents(
        `select e.entity_type::text, e.action::text, e.message,
                case when e.state = 'failed' and exists (
                       select from artwork_indexer.event_queue twin
                       where twin.state = 'queued' and twin.entity_type = e.entity_type
                         and twin.action = e.action and twin.message = e.message) then 'superseded'
                     else e.state::text end as outcome
         from artwork_indexer.event_queue e
         where e.id = $1 and e.state in ('completed', 'failed') and ${unnoticed}`,
      ),
      [eventId],
    );
    const [row] = rows;
    if (!row) return 0;
    const { entity_type: entityType, outcome } = row;
    await noticeEndedEvent(tx, { eventId, entityType, gids: gidsNamed(row.action, row.message), outcome }, settings);
    return 1;
  });
}

/** What ended before the window opened is not looked for; a day more, for rows at its edge. */
async function forgetOld(db: Database): Promise<void> {
  await db.query(`delete from artwork_reconciler.noticed_event where noticed_at < now() - make_interval(days => $1)`, [
    lookBackDays + 1,
  ]);
}
