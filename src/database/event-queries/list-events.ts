import type { EventOrigin } from '../../domain/decision/delete-guard.ts';
import type { EntityType } from '../../domain/entity.ts';
import type { EventAction, EventState } from '../../domain/queue/indexer-event.ts';
import type { Queryable } from '../connection.ts';
import { lastReason } from './reason-kind.ts';
import { conditionOf, type EventFilter, isDismissed } from './event-filter.ts';

/** An event as lists show it. */
export interface ListedEvent {
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

export interface EventPage {
  readonly events: readonly ListedEvent[];
  /** Where the next page begins: to be given as `before`. Null where there are no more. */
  readonly next: number | null;
}

/**
 * A page of events, the newest (by id) first. Pages are cut by id, so that a row that comes or goes meanwhile neither
 * repeats nor hides another, and a late page costs what the first one does.
 */
export async function listEvents(
  q: Queryable,
  filter: EventFilter,
  page: { readonly limit: number; readonly before?: number | null },
): Promise<EventPage> {
  const values: unknown[] = [page.before ?? null, page.limit + 1];
  const { rows } = await q.query<ListedEvent>(
    `${listed(
      `select * from artwork_indexer.event_queue e
       where ($1::bigint is null or e.id < $1) and ${conditionOf(filter, values)}
       order by e.id desc limit $2`,
    )} order by e.id desc`,
    values,
  );
  const events = rows.slice(0, page.limit);
  return { events, next: rows.length > page.limit ? (events.at(-1)?.id ?? null) : null };
}

/** How many events a filter matches, counted no further than `limit` ("10,000+"). */
export async function countEvents(q: Queryable, filter: EventFilter, limit: number): Promise<number> {
  const values: unknown[] = [limit];
  const { rows } = await q.query<{ count: number }>(
    `select count(*)::int as count
     from (select from artwork_indexer.event_queue e where ${conditionOf(filter, values)} limit $1) as matched`,
    values,
  );
  return rows[0]?.count ?? 0;
}

/** Rows of the queue with what lists show of them; `rows` is a subquery of whole rows. */
export const listed = (rows: string): string => `
  select e.id, e.state, e.entity_type as "entityType", e.action, e.message, coalesce(e.depends_on, '{}') as "dependsOn",
    e.created, e.attempts, e.last_updated as "lastUpdated", coalesce(origin.origin, 'trigger') as origin,
    ${lastReason} as "lastReason",
    ${isDismissed} as dismissed
  from (${rows}) e left join artwork_reconciler.event_origin origin on origin.event = e.id`;
