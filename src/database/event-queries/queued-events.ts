import type { EntityType } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';
import { clock, item, items } from './event-sql.ts';
import type { EventSettings } from './settings.ts';
import { stops } from '../queue/stops.ts';

/** Queued events of one entity type and one number of attempts, as an index has them. */
export interface Stream {
  readonly entityType: EntityType;
  readonly attempts: number;
  /** Where the page before this one ended; null for the first. */
  readonly after: { readonly time: string; readonly id: number } | null;
}

export interface QueuedEvent {
  readonly id: number;
  readonly items: readonly string[];
}

/**
 * A page of each stream: queued events that have waited for their attempt, new ones in the order (`created`, `id`),
 * others by the time since when they wait. Nothing of a project that is stopped.
 *
 * Each stream is a range of an index that has nothing else in it, so an idle queue costs a page or two for each, and
 * what waits for its next attempt costs nothing.
 *
 * @param knownItems gids; what touches them first of all is left out
 * @returns the events, and the streams that have more, as they go on
 */
export async function readQueued(
  q: Queryable,
  from: { readonly streams: readonly Stream[]; readonly page: number; readonly knownItems: readonly string[] },
  settings: EventSettings,
): Promise<{ readonly events: readonly QueuedEvent[]; readonly unfinished: readonly Stream[] }> {
  const { streams, page, knownItems } = from;
  const { rows } = await q.query<QueuedRow>(queuedStatement, [
    settings.events.attemptDelaySeconds,
    page,
    streams.map(({ entityType }) => entityType),
    streams.map(({ attempts }) => attempts),
    streams.map(({ after }) => after?.time ?? '-infinity'),
    streams.map(({ after }) => after?.id ?? 0),
    knownItems,
  ]);
  const unfinished = streams.flatMap((stream, position) => {
    const events = rows.filter((row) => row.stream === position + 1);
    const last = events.at(-1);
    return last === undefined || events.length < page ? [] : [{ ...stream, after: { time: last.time, id: last.id } }];
  });
  return {
    events: rows.map((row) => ({ id: row.id, items: row.items.filter((gid) => gid !== null) })),
    unfinished,
  };
}

interface QueuedRow {
  readonly stream: number;
  readonly id: number;
  readonly time: string;
  readonly items: readonly (string | null)[];
}

const unknown = `not coalesce(${item('e')} = any ($7::text[]), false)`;

const queuedStatement = `
  with stream as materialized (
    select *
    from unnest($3::artwork_indexer.indexable_entity_type[], $4::smallint[], $5::timestamptz[], $6::bigint[])
      with ordinality as stream (entity_type, attempts, after_time, after_id, position)
    where entity_type not in (select stopped.entity_type from (${stops}) as stopped)
  )
  select stream.position::int as stream, e.id, e.created::text as time, ${items('e')} as items
  from stream cross join lateral (
    select * from artwork_indexer.event_queue e
    where e.state = 'queued' and e.attempts = 0 and e.entity_type = stream.entity_type and e.last_updated <= ${clock}
      and (e.created, e.id) > (stream.after_time, stream.after_id) and ${unknown}
    order by e.created, e.id
    limit $2
  ) e
  where stream.attempts = 0
  union all
  select stream.position::int, e.id, e.last_updated::text, ${items('e')}
  from stream cross join lateral (
    select * from artwork_indexer.event_queue e
    where e.state = 'queued' and e.attempts > 0 and e.attempts = stream.attempts and e.entity_type = stream.entity_type
      and e.last_updated <= ${clock} - stream.attempts * $1::float8 * interval '1 second'
      and (e.last_updated, e.id) > (stream.after_time, stream.after_id) and ${unknown}
    order by e.last_updated, e.id
    limit $2
  ) e
  where stream.attempts > 0`;
