import sql, { empty, join, raw } from 'sql-template-tag';
import type { EventOrigin } from '../../domain/decision/delete-guard.ts';
import { type EntityKey, type EntityType, isMbid } from '../../domain/entity.ts';
import { writable } from '../../domain/json-text.ts';
import type { EventAction, EventState } from '../../domain/queue/indexer-event.ts';
import type { Queryable } from '../connection.ts';
import { ago, conditionOf } from '../lists/fields.ts';
import type { List } from '../lists/list.ts';
import type { KeyColumn, WalkedList } from '../lists/walk.ts';
import { eventFields, type EventFilter } from './event-fields.ts';
import { isDismissed, lastReason, originOf } from './event-sql.ts';
import { type EntityName, withNames } from '../musicbrainz/entity-kinds.ts';

/** An event as lists show it. */
export interface ListedEvent {
  /** Of rows of a list; null where MusicBrainz has none. */
  readonly name?: EntityName | null;
  readonly id: number;
  readonly state: EventState;
  readonly entityType: EntityType;
  readonly action: EventAction;
  readonly message: unknown;
  readonly dependsOn: readonly number[];
  readonly created: Date;
  readonly attempts: number;
  readonly lastUpdated: Date;
  readonly origin: EventOrigin;
  /** Why the last attempt failed, or why it failed with another event; null where nothing has failed yet. */
  readonly lastReason: string | null;
  readonly dismissed: boolean;
}

/** Whom an event is about: of a copy, who receives it. Null where its message names nobody. */
export function entityOf({ entityType, message }: ListedEvent): EntityKey | null {
  const { gid, new_gid: receiver } = (message ?? {}) as Readonly<Record<string, unknown>>;
  const named = gid ?? receiver;
  return isMbid(named) ? { entityType, gid: named } : null;
}

/** The columns of a ListedEvent, of a row `e`. */
export const eventColumns = `
  e.id, e.state, e.entity_type as "entityType", e.action, e.message, coalesce(e.depends_on, '{}') as "dependsOn",
  e.created, e.attempts, e.last_updated as "lastUpdated",
  ${originOf} as origin,
  ${lastReason} as "lastReason",
  ${isDismissed} as dismissed`;

const newestFirst: readonly KeyColumn[] = [{ sql: 'e.id', type: 'bigint', direction: 'desc' }];

/** The queue's events, by id: the newest first. */
export const eventList: List<ListedEvent, typeof eventFields> = {
  name: 'events',
  one: 'event',
  many: 'events',
  order: 'the newest first',
  fields: eventFields,
  standard: { states: ['failed'] },
  columns: [
    { name: 'id', value: ({ id }) => id },
    { name: 'state', value: ({ state }) => state },
    { name: 'dismissed', value: ({ dismissed }) => dismissed },
    { name: 'entity_type', value: ({ entityType }) => entityType },
    { name: 'action', value: ({ action }) => action },
    { name: 'message', value: ({ message }) => writable(message) },
    { name: 'name', value: ({ name }) => name?.name ?? null },
    { name: 'artist', value: ({ name }) => name?.artist ?? null },
    { name: 'depends_on', value: ({ dependsOn }) => dependsOn },
    { name: 'created_at', value: ({ created }) => created },
    { name: 'attempts', value: ({ attempts }) => attempts },
    { name: 'updated_at', value: ({ lastUpdated }) => lastUpdated },
    { name: 'origin', value: ({ origin }) => origin },
    { name: 'last_reason', value: ({ lastReason }) => lastReason },
  ],
  table: 'artwork_indexer.event_queue e',
  id: 'e.id',
  complete: (q, rows) => withNames(q, rows, entityOf),

  /** Of those of a state, that name a gid, or of a bulk action, which indexes find, by id; the rest of the filter is asked of each of them. */
  async walk(q, filter): Promise<WalkedList> {
    const { ids, states, gid, bulk, ...others } = filter;
    const { from, to } = await boundsOf(q, filter);
    const indexed = {
      dismissed: 'shown',
      ...(ids && { ids }),
      ...(states && { states }),
      ...(gid !== undefined && { gid }),
      ...(bulk !== undefined && { bulk }),
    } as const;
    return {
      walk: {
        alias: 'e',
        from: sql`artwork_indexer.event_queue e`,
        where: join(
          [
            conditionOf(eventFields, indexed),
            ...(from === null ? [] : [sql`e.id >= ${from}::bigint`]),
            ...(to === null ? [] : [sql`e.id <= ${to}::bigint`]),
          ],
          ' and ',
        ),
        order: newestFirst,
      },
      join: { filter: empty, columns: empty },
      columns: raw(eventColumns),
      filter: conditionOf(eventFields, others),
    };
  },
};

/** Between which ids events may match; null where nothing is known. */
interface IdBounds {
  readonly from: number | null;
  readonly to: number | null;
}

/**
 * Ids follow `created` but for how long transactions last. So the ids of those that were created around a moment tell
 * from which id on events are older or newer. An hour is more than MusicBrainz' transactions take.
 */
const longestTransaction = sql`interval '1 hour'`;

/** Events around the moment that are read. */
const near = 500;

/**
 * Narrows ids by the ages that a filter gives, so that a page need not go through all that is too young. Only for one
 * state: artwork-indexer's index is by state, then moment.
 */
async function boundsOf(q: Queryable, { states, olderThan, newerThan }: EventFilter): Promise<IdBounds> {
  if (states?.length !== 1) return { from: null, to: null };
  const to = olderThan === undefined ? null : await edge(q, states, olderThan, 'older');
  const from = newerThan === undefined ? null : await edge(q, states, newerThan, 'newer');
  const isEmpty = (olderThan !== undefined && to === null) || (newerThan !== undefined && from === null);
  return isEmpty ? { from: null, to: -1 } : { from, to };
}

async function edge(
  q: Queryable,
  states: readonly EventState[],
  seconds: number,
  side: 'newer' | 'older',
): Promise<number | null> {
  const state = conditionOf(eventFields, { states, dismissed: 'shown' });
  const moment = ago(seconds);
  const older = sql`
    with near as (
      select min(created) as moment
      from (
        select e.created from artwork_indexer.event_queue e
        where ${state} and e.created < ${moment} order by e.created desc limit ${near}
      ) as nearest
    )
    select max(e.id) as id from artwork_indexer.event_queue e
    where ${state} and e.created < ${moment} and e.created >= (select moment from near) - ${longestTransaction}`;
  const newer = sql`
    with near as (
      select max(created) as moment
      from (
        select e.created from artwork_indexer.event_queue e
        where ${state} and e.created >= ${moment} order by e.created limit ${near}
      ) as nearest
    )
    select min(e.id) as id from artwork_indexer.event_queue e
    where ${state} and e.created >= ${moment} and e.created <= (select moment from near) + ${longestTransaction}`;
  const { rows } = await q.query<{ id: number | null }>(side === 'older' ? older : newer);
  return rows[0]?.id ?? null;
}
