import sql, { raw, type Sql } from 'sql-template-tag';
import { inUtc } from '../../domain/brake.ts';
import type { Queryable } from '../connection.ts';
import { orderOf } from './event-order.ts';
import { delayOf, type EventSettings, isHeld, items, maxAttempts, pausesOfRepairs, waits } from './event-sql.ts';
import { readNeighbours } from './neighbours.ts';
import { stops } from './stops.ts';

/**
 * Why an event can't be claimed now, in words for people; null where it can. The same rules as `findDueEvents`, of one
 * event: the claim asks here, and so does an operator who wonders.
 */
export async function whyNotClaimable(q: Queryable, eventId: number, settings: EventSettings): Promise<string | null> {
  const reasons = await whyWaiting(q, [eventId], settings);
  return reasons.get(eventId) ?? null;
}

/** The same of a page of events, in as many statements as of one: those that wait, or don't exist, each with why. */
export async function whyWaiting(
  q: Queryable,
  eventIds: readonly number[],
  settings: EventSettings,
): Promise<ReadonlyMap<number, string>> {
  const { rows } = await q.query<Obstacles>(obstaclesStatement(eventIds, settings));
  const reasons = new Map<number, string>();
  const found = new Set(rows.map(({ id }) => id));
  for (const id of eventIds) if (!found.has(id)) reasons.set(id, `event ${id} does not exist (any more)`);
  const free: Obstacles[] = [];
  for (const event of rows) {
    const obstacle = obstacleOf(event);
    if (obstacle === null) free.push(event);
    else reasons.set(event.id, obstacle);
  }
  for (const [id, holder] of await whatGoesFirst(q, free, settings)) {
    reasons.set(id, `event ${holder} touches the same item, and goes first`);
  }
  return reasons;
}

interface Obstacles {
  readonly id: number;
  readonly state: string;
  readonly attempts: number;
  readonly runId: string | null;
  readonly nextAttemptAt: Date | null;
  readonly parents: readonly number[];
  readonly notBefore: Date | null;
  readonly notBeforeReason: string | null;
  readonly stop: string | null;
  readonly items: readonly (string | null)[];
}

function obstacleOf(event: Obstacles): string | null {
  if (event.runId !== null) return `it is claimed by workflow run ${event.runId}`;
  if (event.state !== 'queued') return `it is ${event.state}`;
  if (event.attempts >= maxAttempts) return `it has had ${event.attempts} attempts of ${maxAttempts}: requeue it`;
  if (event.parents.length > 0) return `it depends on ${event.parents.join(', ')}, not completed yet`;
  if (event.nextAttemptAt !== null) return `its next attempt is not due until ${inUtc(event.nextAttemptAt)}`;
  if (event.notBefore !== null) {
    return `it waits until ${inUtc(event.notBefore)}: ${event.notBeforeReason ?? 'no reason given'}`;
  }
  if (event.stop !== null) return event.stop;
  return null;
}

async function whatGoesFirst(
  q: Queryable,
  events: readonly Obstacles[],
  settings: EventSettings,
): Promise<ReadonlyMap<number, number>> {
  if (events.length === 0) return new Map();
  const { all } = await readNeighbours(
    q,
    events.map(({ id, items: touched }) => ({ id, items: touched.filter((gid) => gid !== null) })),
    settings,
  );
  const holderOf = orderOf(all);
  const asked = new Set(events.map(({ id }) => id));
  const holders = all.filter(({ id }) => asked.has(id)).map((event) => [event.id, holderOf(event)?.id] as const);
  return new Map(holders.flatMap(([id, holder]) => (holder === undefined ? [] : [[id, holder]])));
}

const obstaclesStatement = (ids: readonly number[], settings: EventSettings): Sql => sql`
  select e.id, e.state::text as state, e.attempts, ${raw(items('e'))} as items, claim.run_id as "runId",
    nullif(
      greatest(e.last_updated + ${delayOf('e', settings)}, statement_timestamp()),
      statement_timestamp()
    ) as "nextAttemptAt",
    array(
      select parent.id from artwork_indexer.event_queue parent
      where parent.id = any (e.depends_on) and parent.state <> 'completed' order by parent.id
    ) as parents,
    waiting.until as "notBefore", waiting.reason as "notBeforeReason",
    coalesce(
      (select min(stop.reason) from (${raw(stops)}) as stop where stop.entity_type = e.entity_type),
      case when ${raw(isHeld('e'))} then (
        select min('repairs are paused: ' || pause.reason) from (${raw(pausesOfRepairs)}) as pause
        where pause.entity_type = e.entity_type
      ) end
    ) as stop
  from artwork_indexer.event_queue e
  left join artwork_reconciler.event_claim claim on claim.event = e.id
  left join artwork_reconciler.event_not_before waiting on waiting.event = e.id and ${raw(waits('waiting'))}
  where e.id = any (${ids}::bigint[])`;
