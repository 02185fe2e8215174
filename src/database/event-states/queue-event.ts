import type { EntityType } from '../../domain/entity.ts';
import type { EventOrder } from '../../domain/queue/indexer-event.ts';
import type { Transaction } from '../connection.ts';
import { insertEvents, lockEvents } from './locks.ts';

/** How often an identical event may be taken by a worker in the moment between finding and locking it. */
const tries = 20;

/**
 * Queues an event, or finds the identical one that is queued already, and locks that row. The queue holds only one of a
 * kind; one that runs is no obstacle: it may have read MusicBrainz before the change that this one is for.
 *
 * Where another transaction has inserted the identical one and not yet committed, this waits for it: to be called in
 * `transactionWithRetry`.
 *
 * @returns the event's id, and whether it is new
 */
export async function queueEvent(
  tx: Transaction,
  event: EventOrder & { readonly entityType: EntityType; readonly dependsOn: readonly number[] },
): Promise<{ readonly id: number; readonly isNew: boolean; readonly dependsOn: readonly number[] }> {
  const kind = [event.entityType, event.action, JSON.stringify(event.message)];
  for (let attempt = 1; attempt <= tries; attempt++) {
    const inserted = await tx.query<{ id: number }>(
      insertEvents(
        `insert into artwork_indexer.event_queue (entity_type, action, message, depends_on)
         values ($1, $2, $3::jsonb, nullif($4::bigint[], '{}'))
         on conflict do nothing
         returning id`,
      ),
      [...kind, event.dependsOn],
    );
    if (inserted.rows[0] !== undefined) return { id: inserted.rows[0].id, isNew: true, dependsOn: event.dependsOn };
    const queued = await tx.query<{ id: number; depends_on: number[] | null }>(
      lockEvents(
        `select e.id, e.depends_on from artwork_indexer.event_queue e
         where e.state = 'queued' and e.entity_type = $1 and e.action = $2 and e.message = $3::jsonb`,
      ),
      kind,
    );
    const [row] = queued.rows;
    if (row !== undefined) return { id: row.id, isNew: false, dependsOn: row.depends_on ?? [] };
  }
  throw new Error(
    `${event.action} of ${event.entityType} could not be queued: ${tries} times an identical event was queued and ` +
      'gone again a moment later. Nothing was changed; try again',
  );
}
