import type { EventAction, EventState } from '../../domain/queue/indexer-event.ts';
import type { EntityType } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';

export interface TreeEvent {
  readonly id: number;
  readonly state: EventState;
  readonly entityType: EntityType;
  readonly action: EventAction;
  readonly message: unknown;
  readonly dependsOn: readonly number[];
}

/** An event with all that it depends on and all that depends on it, directly or not. */
export interface EventTree {
  readonly ancestors: readonly TreeEvent[];
  readonly dependents: readonly TreeEvent[];
  /** Whether there are more than were read. */
  readonly isCut: boolean;
}

/**
 * Reads the tree around an event: what it depends on, as far as it is still there (completed events are cleaned up), and
 * what depends on it and has not completed.
 *
 * @param limit for each side
 */
export async function readEventTree(q: Queryable, eventId: number, limit: number): Promise<EventTree> {
  const ancestors = await side(q, eventId, limit, ancestorsOf);
  const dependents = await side(q, eventId, limit, dependentsOf);
  return {
    ancestors: ancestors.slice(0, limit),
    dependents: dependents.slice(0, limit),
    isCut: ancestors.length > limit || dependents.length > limit,
  };
}

const ancestorsOf = `select unnest(e.depends_on) from tree join artwork_indexer.event_queue e on e.id = tree.id`;

const dependentsOf = `
  select e.id from tree
  join artwork_indexer.event_queue e on e.depends_on @> array[tree.id] and e.state in ('queued', 'failed')`;

async function side(q: Queryable, eventId: number, limit: number, next: string): Promise<TreeEvent[]> {
  const { rows } = await q.query<TreeEvent>(
    // A recursion goes no further than somebody asks for rows, so the limit ends it.
    `with recursive tree as (select $1::bigint as id union ${next}),
     bounded as (select id from tree where id <> $1 limit $2)
     select e.id, e.state, e.entity_type as "entityType", e.action, e.message, coalesce(e.depends_on, '{}') as "dependsOn"
     from artwork_indexer.event_queue e where e.id in (select id from bounded)
     order by e.id`,
    [eventId, limit + 1],
  );
  return rows;
}
