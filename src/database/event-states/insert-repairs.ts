import type { Repair } from '../../domain/repair.ts';
import type { Transaction } from '../connection.ts';
import { queueEvent } from './queue-event.ts';

/**
 * Queues the repairs that an audit decided, in their order, and marks the new ones as an audit's. One that is queued
 * already is not queued twice: it gains the dependencies instead, and stays what it was (a trigger's deletion is
 * MusicBrainz' word, also where an audit wants it too).
 *
 * A dependency that would make events wait for each other is left out: then the other one is to come later anyway, by
 * what whoever queued it wanted.
 *
 * @returns the events' ids, in the order of the repairs
 */
export async function insertRepairs(
  tx: Transaction,
  repairs: readonly Repair[],
): Promise<{ readonly eventIds: number[] }> {
  const eventIds: number[] = [];
  const marked: number[] = [];
  for (const [position, repair] of repairs.entries()) {
    const parents = repair.dependsOn.map((index) => parentOf(eventIds, index, position));
    const event = await queueEvent(tx, { ...repair, dependsOn: parents });
    if (event.isNew) marked.push(event.id);
    else {
      const missing = parents.filter((parent) => parent !== event.id && !event.dependsOn.includes(parent));
      for (const parent of missing) await addDependency(tx, event.id, parent);
    }
    eventIds.push(event.id);
  }
  await tx.query(
    `insert into artwork_reconciler.event_origin (event, origin) select id, 'audit' from unnest($1::bigint[]) as id
     on conflict (event) do nothing`,
    [marked],
  );
  return { eventIds };
}

function parentOf(eventIds: readonly number[], index: number, position: number): number {
  const parent = eventIds[index];
  if (parent === undefined) {
    throw new RangeError(`repair ${position} depends on repair ${index}: expected one that comes before it`);
  }
  return parent;
}

/** Appends a parent to a queued event, unless that parent itself waits for the event, directly or not. */
async function addDependency(tx: Transaction, eventId: number, parentId: number): Promise<void> {
  await tx.query(
    `with recursive ancestor as (
       select parent.id, parent.depends_on from artwork_indexer.event_queue parent where parent.id = $2
       union
       select parent.id, parent.depends_on
       from ancestor join artwork_indexer.event_queue parent on parent.id = any (ancestor.depends_on)
     )
     update artwork_indexer.event_queue
     set depends_on = coalesce(depends_on, '{}') || $2::bigint
     where id = $1 and not exists (select from ancestor where ancestor.id = $1)`,
    [eventId, parentId],
  );
}
