import { raw } from 'sql-template-tag';
import type { EntityType } from '../../domain/entity.ts';
import type { EventAction } from '../../domain/queue/indexer-event.ts';
import type { Queryable } from '../connection.ts';
import { eventsNaming } from './event-sql.ts';

export interface OpenEvent {
  readonly id: number;
  readonly state: 'queued' | 'running';
  readonly action: EventAction;
}

/** What an audit has to know of the events that name an entity; a copy names two. */
export interface EventsNaming {
  /**
   * The one that changed last, ended ones too, as its id, its state and when that was, with a hash of the same of all that
   * are not completed; null where none names it. Part of
   * an audit's fingerprint: where an event came, started, ended or was queued again since, it is another text.
   *
   * Why by the last change and not by id: ids are handed out before transactions commit, so an event with a smaller id
   * may appear after one with a larger; and a failed event that is queued again keeps its id. Why the hash: one that is
   * queued again by a transaction that began earlier and commits later is not the one that changed last.
   */
  readonly newest: string | null;
  /**
   * Those queued or running, the oldest first: while there are any, it is not the moment to audit it. One that the other
   * daemon's housekeeping failed in our hand is still running.
   */
  readonly open: readonly OpenEvent[];
}

/** @param gid in canonical form */
export async function readEventsNaming(q: Queryable, entityType: EntityType, gid: string): Promise<EventsNaming> {
  const { rows } = await q.query<EventsNamingRow>(eventsNamingSql(entityType, '$1::uuid'), [gid]);
  return toEventsNaming(rows[0]);
}

/** What the statement answers. */
export interface EventsNamingRow {
  readonly newestEvent: string | null;
  readonly openEvents: readonly OpenEvent[];
}

export function toEventsNaming(row: EventsNamingRow | undefined): EventsNaming {
  return { newest: row?.newestEvent ?? null, open: row?.openEvents ?? [] };
}

/**
 * One row, for statements that ask more than that, too.
 *
 * @param gid an SQL expression of type uuid
 */
export function eventsNamingSql(entityType: EntityType, gid: string): string {
  const columns = 'e.id, e.state::text as state, e.action, e.created, e.last_updated';
  const ofType = `e.entity_type = '${entityType}'::artwork_indexer.indexable_entity_type`;
  // Materialized: an entity has a handful of events, but with a limit in sight the planner may look for the newest by
  // walking over all that ever ended. All of them once, as planning is most of the cost.
  return `
    with named as materialized (${eventsNaming(raw(`${gid}::text`), columns, ofType).text})
    select
      (
        select concat_ws(' ', id, state, extract(epoch from last_updated), (
          select md5(string_agg(concat_ws(' ', id, state, extract(epoch from last_updated)), ',' order by id))
          from named where state <> 'completed'
        ))
        from named order by last_updated desc, id desc limit 1
      ) as "newestEvent",
      (
        select coalesce(json_agg(json_build_object('id', id, 'state', state, 'action', action) order by created, id), '[]'::json)
        from (
          select id, created, action, case state when 'failed' then 'running' else state end as state
          from named
          where state = 'queued' or state = 'running'
            or state = 'failed' and exists (select from artwork_reconciler.event_claim claim where claim.event = named.id)
        ) open
      ) as "openEvents"`;
}
