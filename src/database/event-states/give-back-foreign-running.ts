import type { Database, Transaction } from '../connection.ts';
import { leftRunning } from '../event-queries/event-sql.ts';
import type { EndSettings } from '../event-queries/settings.ts';
import { lockedColumns, type LockedEvent } from '../attempts/lock-claimed.ts';
import { lockEvents } from './locks.ts';
import { supersededByTwin } from './put-back.ts';
import { transactionWithRetry } from './retry-on-conflict.ts';
import { tryEach } from '../try-each.ts';

/**
 * Puts the events back that the other daemon left `running`: rows without a claim of ours, `foreign_running_minutes`
 * after their `last_updated`. The attempt it had counted does not count, and they are due at once: they were when it
 * took them.
 *
 * Strategy: each row in a transaction of its own, looked at again under its lock, so that a row that the daemon is just
 * ending is left to it, and one identical event that was queued meanwhile doesn't keep the others from going back.
 *
 * @returns the ids of those that are `queued` again, or that an identical event has superseded
 */
export async function giveBackForeignRunning(db: Database, settings: EndSettings): Promise<number[]> {
  const { foreignRunningMinutes, attemptDelaySeconds } = settings.events;
  const { rows } = await db.query<{ id: number }>(
    `select e.id from artwork_indexer.event_queue e where ${leftRunning('e', '$1')} order by e.id`,
    [foreignRunningMinutes],
  );
  const given = await tryEach(rows, ({ id }) =>
    transactionWithRetry(db, async (tx) => {
      const event = await lockLeftRunning(tx, id, foreignRunningMinutes);
      if (event === undefined) return [];
      if (await supersededByTwin(tx, event, settings)) return [id];
      // Not the moment it was taken at, but one that is as far back as its attempts make it wait.
      await tx.query(
        `update artwork_indexer.event_queue
         set state = 'queued', attempts = greatest(attempts - 1, 0),
           last_updated = last_updated - greatest(attempts - 1, 0) * $2::float8 * interval '1 second'
         where id = $1`,
        [id, attemptDelaySeconds],
      );
      return [id];
    }),
  );
  return given.flat();
}

async function lockLeftRunning(tx: Transaction, eventId: number, minutes: number): Promise<LockedEvent | undefined> {
  const { rows } = await tx.query<LockedEvent>(
    lockEvents(
      `select ${lockedColumns} from artwork_indexer.event_queue e where e.id = $1 and ${leftRunning('e', '$2')}`,
      'e skip locked',
    ),
    [eventId, minutes],
  );
  return rows[0];
}
