import type { Queryable } from '../connection.ts';
import { conditionOf, type EventFilter } from './event-filter.ts';

/** Between which ids events may match; null where nothing is known. */
export interface IdBounds {
  readonly from: number | null;
  /** Exclusive. */
  readonly below: number | null;
}

/**
 * Ids follow `created` but for how long transactions last. So the ids of those that were created around a moment tell
 * from which id on events are older or newer. An hour is more than MusicBrainz' transactions take.
 */
const longestTransaction = `interval '1 hour'`;

/** Events around the moment that are looked at. */
const near = 500;

/**
 * Narrows ids by the ages that a filter gives, so that a page need not go through all that is too young. Only for one
 * state: artwork-indexer's index is by state, then moment.
 */
export async function boundsOf(q: Queryable, filter: EventFilter, before: number | null): Promise<IdBounds> {
  const { states, createdBefore, createdAfter } = filter;
  if (states?.length !== 1) return { from: null, below: before };
  const older = createdBefore === undefined ? null : await edge(q, states, createdBefore, 'older');
  const newer = createdAfter === undefined ? null : await edge(q, states, createdAfter, 'newer');
  const isEmpty = (createdBefore !== undefined && older === null) || (createdAfter !== undefined && newer === null);
  if (isEmpty) return { from: null, below: 0 };
  return { from: newer, below: older === null ? before : Math.min(older + 1, before ?? Infinity) };
}

async function edge(
  q: Queryable,
  states: NonNullable<EventFilter['states']>,
  moment: Date,
  side: 'newer' | 'older',
): Promise<number | null> {
  const isOlder = side === 'older';
  const state = conditionOf({ states, dismissed: 'shown' }, []);
  const { rows } = await q.query<{ id: number | null }>(
    `with near as (
       select ${isOlder ? 'min' : 'max'}(created) as moment
       from (
         select e.created from artwork_indexer.event_queue e
         where ${state} and e.created ${isOlder ? '<' : '>='} $1::timestamptz
         order by e.created ${isOlder ? 'desc' : ''} limit ${near}
       ) as nearest
     )
     select ${isOlder ? 'max' : 'min'}(e.id) as id
     from artwork_indexer.event_queue e
     where ${state} and ${
       isOlder
         ? `e.created < $1 and e.created >= (select moment from near) - ${longestTransaction}`
         : `e.created >= $1 and e.created <= (select moment from near) + ${longestTransaction}`
     }`,
    [moment],
  );
  return rows[0]?.id ?? null;
}
