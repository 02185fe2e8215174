import sql, { join, raw } from 'sql-template-tag';
import type { EventAction, EventState } from '../../domain/queue/indexer-event.ts';
import { endOfEventWindows } from '../brakes/windows.ts';
import type { Queryable } from '../connection.ts';
import type { CappedCount } from '../lists/walk.ts';
import { findDueEvents } from './due-events.ts';
import {
  clock,
  delayOf,
  type EventSettings,
  isDismissed,
  isRepair,
  lastReason,
  open,
  reasonKind,
} from './event-sql.ts';

export type StateCounts = Readonly<Record<EventState, CappedCount>>;

const states = ['queued', 'running', 'failed', 'completed'] as const satisfies readonly EventState[];

/** How many events there are in each state, counted no further than `limit`; of failed ones, those nobody dismissed. */
export async function countByState(q: Queryable, limit: number): Promise<StateCounts> {
  const { rows } = await q.query<Record<EventState, number>>(
    sql`select ${join(
      states.map(
        (state) => sql`(
          select count(*)::int from (
            select from artwork_indexer.event_queue e
            where e.state = ${raw(`'${state}'`)} ${raw(state === 'failed' ? `and not ${isDismissed}` : '')} limit ${limit + 1}
          ) as counted
        ) as ${raw(state)}`,
      ),
    )}`,
  );
  const counted = (state: EventState): CappedCount => {
    const count = rows[0]![state];
    return { count: Math.min(count, limit), exact: count <= limit };
  };
  return {
    queued: counted('queued'),
    running: counted('running'),
    failed: counted('failed'),
    completed: counted('completed'),
  };
}

/** The event that goes next, and for how long it could have gone. */
interface OldestDueEvent {
  readonly id: number;
  /** Seconds since it was queued, its next attempt was due, its wait was over, or a window ended: the last of these. */
  readonly dueForSeconds: number;
}

/**
 * The oldest event that can be claimed now, or null where there is none; so there is none while something stops them all.
 * Its age is what tells a queue that nobody works on from one that waits for good reasons.
 */
export async function readOldestDueEvent(q: Queryable, settings: EventSettings): Promise<OldestDueEvent | null> {
  const [event] = await findDueEvents(q, 1, settings);
  if (event === undefined) return null;
  const { rows } = await q.query<OldestDueEvent>(
    sql`select e.id, extract(epoch from ${raw(clock)} - greatest(
       e.created,
       e.last_updated + ${delayOf('e', settings)},
       waiting.until,
       ${raw(endOfEventWindows('e'))}
     ))::float8 as "dueForSeconds"
     from artwork_indexer.event_queue e
     left join artwork_reconciler.event_not_before waiting on waiting.event = e.id
     where e.id = ${event.id}`,
  );
  const row = rows[0];
  return row === undefined ? null : { id: row.id, dueForSeconds: Math.max(0, row.dueForSeconds) };
}

/**
 * How many events that audits ordered are queued or running, counted no further than `limit`.
 */
export async function countWaitingRepairs(q: Queryable, limit: number): Promise<number> {
  const { rows } = await q.query<{ count: number }>(
    `select count(*)::int as count
     from (
       select from artwork_indexer.event_queue e
       where ${open('e')} and ${isRepair('e')}
       limit $1
     ) as waiting`,
    [limit],
  );
  return rows[0]?.count ?? 0;
}

/** Failed events of one action that failed last for the same kind of reason. */
export interface ReasonKindCount {
  readonly action: EventAction;
  readonly kind: string;
  readonly count: number;
  /** The newest of them. */
  readonly newest: number;
  /** The beginning of that one's reason, as it was written. */
  readonly example: string;
}

/**
 * Counts the failed events that nobody has dismissed by action and by the kind of reason why they failed last; those
 * without a reason left have none. Page by page: a hundred thousand take longer than a page may.
 *
 * @returns the counts of this page of events, and the id at which to continue; null where there are no more
 */
export async function countReasonKinds(
  q: Queryable,
  page: { readonly before: number | null; readonly limit: number },
): Promise<{ readonly kinds: readonly ReasonKindCount[]; readonly next: number | null }> {
  const { rows } = await q.query<ReasonKindCount & { readonly last: number; readonly total: number }>(
    `with looked as materialized (
       select e.id, e.action, ${lastReason} as reason, ${isDismissed} as dismissed
       from (
         select e.id, e.action, e.last_updated from artwork_indexer.event_queue e
         where e.state = 'failed' and ($1::bigint is null or e.id < $1)
         order by e.id desc limit $2
       ) e
     ),
     counted as (
       select action, ${reasonKind('reason')} as kind, count(*)::int as count, max(id) as newest
       from looked where reason is not null and not dismissed group by 1, 2
     )
     select counted.*, left(newest.reason, 1000) as example, whole.last, whole.total
     from (select min(id) as last, count(*)::int as total from looked) as whole
     left join counted on true left join looked newest on newest.id = counted.newest`,
    [page.before, page.limit],
  );
  const [{ last = null, total = 0 } = {}] = rows;
  return {
    kinds: rows
      .filter(({ kind }) => kind !== null)
      .map(({ action, kind, count, newest, example }) => ({ action, kind, count, newest, example })),
    next: total < page.limit ? null : last,
  };
}

/** The kinds of two parts of the events together, the most common first. */
export function addReasonKinds(
  known: readonly ReasonKindCount[],
  more: readonly ReasonKindCount[],
): readonly ReasonKindCount[] {
  const kinds = new Map<string, ReasonKindCount>();
  for (const kind of [...known, ...more]) {
    const name = `${kind.action} ${kind.kind}`;
    const earlier = kinds.get(name);
    kinds.set(name, earlier === undefined ? kind : { ...earlier, count: earlier.count + kind.count });
  }
  return [...kinds.values()].sort((one, other) => other.count - one.count || other.newest - one.newest);
}
