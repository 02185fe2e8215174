import sql from 'sql-template-tag';
import type { Repair } from '../../domain/decision/decision.ts';
import type { EntityKey, EntityType } from '../../domain/entity.ts';
import type { EventOrder } from '../../domain/queue/indexer-event.ts';
import type { Operator } from '../operators/recorded.ts';
import type { Database, Queryable, Transaction } from '../connection.ts';
import { insertEvents, lockEvents, transactionWithRetry } from '../locks.ts';
import { recordAction } from './bulk-events.ts';

/** The number of times that an identical event may be taken by a worker in the moment between finding and locking it. */
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
async function queueEvent(
  tx: Transaction,
  event: EventOrder & { readonly entityType: EntityType; readonly dependsOn: readonly number[] },
): Promise<{ readonly id: number; readonly isNew: boolean; readonly dependsOn: readonly number[] }> {
  const { entityType, action, dependsOn } = event;
  const message = JSON.stringify(event.message);
  for (let attempt = 1; attempt <= tries; attempt++) {
    const inserted = await tx.query<{ id: number }>(
      insertEvents(
        sql`insert into artwork_indexer.event_queue (entity_type, action, message, depends_on)
         values (${entityType}, ${action}, ${message}::jsonb, nullif(${dependsOn}::bigint[], '{}'))
         on conflict do nothing
         returning id`,
      ),
    );
    if (inserted.rows[0] !== undefined) return { id: inserted.rows[0].id, isNew: true, dependsOn };
    const queued = await tx.query<{ id: number; dependsOn: number[] | null }>(
      lockEvents(
        sql`select e.id, e.depends_on as "dependsOn" from artwork_indexer.event_queue e
         where e.state = 'queued' and e.entity_type = ${entityType} and e.action = ${action}
           and e.message = ${message}::jsonb`,
      ),
    );
    const [row] = queued.rows;
    if (row !== undefined) return { id: row.id, isNew: false, dependsOn: row.dependsOn ?? [] };
  }
  throw new Error(
    `${event.action} of ${event.entityType} could not be queued: ${tries} times an identical event was queued and ` +
      'gone again a moment later. Nothing was changed; try again',
  );
}

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

/**
 * Queues an `index` of an entity, as a trigger would; where one is queued already, that one does.
 *
 * @returns the event's id, and whether it is new
 */
export async function queueIndex(
  tx: Transaction,
  key: EntityKey,
): Promise<{ readonly id: number; readonly isNew: boolean }> {
  const event = { action: 'index', entityType: key.entityType, message: { gid: key.gid }, dependsOn: [] } as const;
  return queueEvent(tx, event);
}

/** The `index` events of entities that are queued, by their MBIDs. */
export async function readQueuedIndexes(
  q: Queryable,
  keys: readonly EntityKey[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await q.query<{ gid: string; id: number }>(
    `select asked.gid, e.id
     from unnest($1::text[], $2::text[]) as asked (entity_type, gid)
     join artwork_indexer.event_queue e
       on e.state = 'queued' and e.action = 'index'
         and e.entity_type = asked.entity_type::artwork_indexer.indexable_entity_type
         and e.message = jsonb_build_object('gid', asked.gid)`,
    [keys.map(({ entityType }) => entityType), keys.map(({ gid }) => gid)],
  );
  return new Map(rows.map(({ gid, id }) => [gid, id]));
}

/**
 * Queues an `index` for a person, and records who asked for it. Where one is queued already nothing is recorded: nothing
 * was done.
 *
 * @returns the event's id
 */
export async function indexForPerson(db: Database, key: EntityKey, by: Operator): Promise<number> {
  return transactionWithRetry(db, async (tx) => {
    const { id, isNew } = await queueIndex(tx, key);
    const target = `${key.entityType} ${key.gid}`;
    if (isNew) await recordAction(tx, by, { action: 'index entity', target, after: { event: id } });
    return id;
  });
}
