import type { EntityType } from '../../domain/entity.ts';
import type { EventAction } from '../../domain/indexer-event.ts';
import type { Queryable } from '../connection.ts';
import { clock, maxAttempts, parentsCompleted, pastNotBefore } from './event-sql.ts';
import { holders } from './order.ts';
import type { EventSettings } from './settings.ts';
import { stops } from './stops.ts';

export interface DueEvent {
  readonly id: number;
  readonly entityType: EntityType;
  readonly action: EventAction;
}

/**
 * The oldest events that can be claimed now: due by artwork-indexer's rule, past their *not before*, not held back by
 * the order per item, and nothing stops their project. The claim looks again; two calls may give the same events.
 *
 * Strategy: one statement, which costs an idle queue a page or two for each of ten index probes. New events come in
 * their own order from one index. Retries come from another, by the time since when they wait, each number of attempts
 * by itself, so that those that still wait are not looked at at all. If more than a hundred retries of a kind are due,
 * those that waited longest come first; otherwise the answer is exactly in the order (`created`, `id`).
 */
export async function findDueEvents(
  q: Queryable,
  limit: number,
  settings: EventSettings,
): Promise<readonly DueEvent[]> {
  const { rows } = await q.query<DueEvent>(dueStatement, [settings.events.attemptDelaySeconds, limit]);
  return rows;
}

/** Whether any event can be claimed now: then no paced audit is started. */
export async function isEventDue(q: Queryable, settings: EventSettings): Promise<boolean> {
  return (await findDueEvents(q, 1, settings)).length > 0;
}

const claimable = `
  ${parentsCompleted('e')}
  and ${pastNotBefore('e')}
  and not exists (select from artwork_reconciler.event_claim claim where claim.event = e.id offset 0)
  and not exists (${holders('e', '$1')})`;

const triedOften = Array.from({ length: maxAttempts - 1 }, (_, index) => `(${index + 1}::smallint)`).join(', ');

const dueStatement = `
  with active as materialized (
    select type as entity_type from unnest(enum_range(null::artwork_indexer.indexable_entity_type)) as type
    where type not in (select entity_type from (${stops}) stopped)
  ),
  due as (
    select e.id, e.entity_type, e.action, e.created
    from active cross join lateral (
      select * from artwork_indexer.event_queue e
      where e.state = 'queued' and e.attempts = 0 and e.entity_type = active.entity_type and ${claimable}
      order by e.created, e.id
      limit $2
    ) e
    union all
    select e.id, e.entity_type, e.action, e.created
    from active cross join (values ${triedOften}) as tried (attempts) cross join lateral (
      select * from artwork_indexer.event_queue e
      where e.state = 'queued' and e.attempts > 0 and e.attempts = tried.attempts and e.entity_type = active.entity_type
        and e.last_updated <= ${clock} - tried.attempts * $1::float8 * interval '1 second' and ${claimable}
      order by e.last_updated
      limit greatest($2, 100)
    ) e
  )
  select id, entity_type as "entityType", action from due order by created, id limit $2`;
