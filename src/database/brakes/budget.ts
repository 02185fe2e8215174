import type { Queryable } from '../connection.ts';
import type { Operator } from '../operators/recorded.ts';
import { type SlowedItem, slowedItems } from './slow-downs.ts';

/** Seconds. A service that asks for less is asked again too soon by several workers at once. */
const shortestCoolDown = 5;
/** Seconds. Whatever a service asks for, it is tried once an hour. */
const longestCoolDown = 3600;

/** A cool-down in force. */
export interface CoolDown {
  readonly service: Service;
  readonly until: Date;
  /** What is left of it, by the database's clock. */
  readonly waitSeconds: number;
  readonly since: Date;
  readonly reason: string;
  /** The streak, this one included. */
  readonly streak: number;
}

/**
 * Orders everybody to leave a service alone for a while, and returns until when.
 *
 * `Retry-After` is obeyed within 5 s … 1 h; without one it is `defaultSeconds`, doubled with each of a streak, at most 1 h.
 * Answers to requests that were under way when a cool-down began belong to that one: they may lengthen it by their own
 * `Retry-After`, but don't double the next.
 */
export async function coolDown(
  q: Queryable,
  service: Service,
  order: { readonly retryAfterSeconds?: number | null; readonly defaultSeconds: number; readonly reason: string },
): Promise<CoolDown> {
  const asked = order.retryAfterSeconds ?? null;
  const obeyed =
    asked === null || Number.isNaN(asked) ? null : Math.min(Math.max(asked, shortestCoolDown), longestCoolDown);
  const { rows } = await q.query<CoolDown>(
    `insert into artwork_reconciler.budget as budget
       (service, cool_down_until, cool_down_since, cool_down_reason, cool_down_streak)
     values ($1, clock_timestamp() + make_interval(secs => least($4, coalesce($2::float8, $3::float8))), clock_timestamp(), $5, 1)
     on conflict (service) do update set
       cool_down_until = case
         when ${inForce} then greatest(budget.cool_down_until, clock_timestamp() + make_interval(secs => $2))
         else clock_timestamp() + make_interval(secs => least($4, coalesce($2::float8, $3::float8 * 2 ^ least(budget.cool_down_streak, 20))))
       end,
       cool_down_since = case when budget.cool_down_streak > 0 then least(budget.cool_down_since, clock_timestamp()) else clock_timestamp() end,
       cool_down_reason = case when ${inForce} then coalesce(budget.cool_down_reason, $5) else $5 end,
       cool_down_streak = case when ${inForce} then greatest(budget.cool_down_streak, 1) else least(budget.cool_down_streak + 1, 100) end
     returning ${coolDownColumns}`,
    [service, obeyed, order.defaultSeconds, longestCoolDown, order.reason],
  );
  const row = rows[0];
  if (row === undefined) throw new Error(`the cool-down of ${service} was not written: one row was expected`);
  return row;
}

/**
 * Notes that a service answered again, so that the next cool-down starts small. An answer that arrives while a cool-down
 * is in force was asked for before it, and changes nothing.
 *
 * @returns whether there was a streak to end
 */
export async function endCoolDown(q: Queryable, service: Service): Promise<boolean> {
  const { rowCount } = await q.query(
    `update artwork_reconciler.budget budget
     set cool_down_until = null, cool_down_since = null, cool_down_reason = null, cool_down_streak = 0
     where service = $1 and cool_down_streak > 0 and not ${inForce}`,
    [service],
  );
  return rowCount === 1;
}

/**
 * Ends cool-downs that are in force for a person, who answers for it: what the services asked for is not waited for any more.
 * Turns that are taken already stay, and so does what was released until their end.
 *
 * @param what.since Only those that the caller saw
 * @returns those that ended, as they were
 */
export async function releaseCoolDowns(
  q: Queryable,
  what: { readonly services: readonly Service[]; readonly since?: Date; readonly by: Operator },
): Promise<readonly CoolDown[]> {
  const { rows } = await q.query<CoolDown>(
    `with former as (
       select ${coolDownColumns} from artwork_reconciler.budget budget
       where ${inForce} and service = any ($1::text[])
         and ($2::timestamptz is null or date_trunc('milliseconds', coalesce(cool_down_since, cool_down_until)) = $2)
       for update
     ),
     ended as (
       update artwork_reconciler.budget budget
       set cool_down_until = null, cool_down_since = null, cool_down_reason = null, cool_down_streak = 0
       from former where former.service = budget.service
     ),
     recorded as (
       insert into artwork_reconciler.operator_action (actor, action, target, before, note)
       select $3, 'release brake', 'cool_down_' || service, to_jsonb(former) - 'waitSeconds', $4 from former
     )
     select * from former order by service`,
    [what.services, what.since ?? null, what.by.actor, what.by.note ?? null],
  );
  return rows;
}

/** The cool-downs in force by the database's clock, of one service or of all. */
export async function readCoolDowns(q: Queryable, service?: Service): Promise<readonly CoolDown[]> {
  const { rows } = await q.query<CoolDown>(
    `select ${coolDownColumns} from artwork_reconciler.budget budget
     where ${inForce} and service = coalesce($1, service) order by service`,
    [service ?? null],
  );
  return rows;
}

/** The cool-down in force of one service, or null. */
export async function readCoolDown(q: Queryable, service: Service): Promise<CoolDown | null> {
  return (await readCoolDowns(q, service))[0] ?? null;
}

/**
 * Whether a cool-down is in force, of a row `budget`. None ends later than the longest after now, or began later than
 * now: then the database's clock was set back since it was ordered, and nothing is known of it.
 */
export const inForce = `coalesce(
  budget.cool_down_until > clock_timestamp()
    and budget.cool_down_until <= clock_timestamp() + interval '${longestCoolDown} seconds'
    and coalesce(budget.cool_down_since <= clock_timestamp(), true), false)`;

const coolDownColumns = `service, cool_down_until as until, coalesce(cool_down_since, cool_down_until) as since,
  extract(epoch from cool_down_until - clock_timestamp())::float8 as "waitSeconds",
  coalesce(cool_down_reason, '') as reason, cool_down_streak as streak`;

/**
 * What claims are looked for in: those that are current, whose event nobody has queued again or taken since
 * (attempts/lock-claimed.ts).
 */
const currentClaims = `artwork_reconciler.event_claim claim join artwork_indexer.event_queue e on e.id = claim.event
  where e.state in ('running', 'failed') and e.attempts = claim.attempt`;

/** Whether this run of a workflow still holds an event's claim. */
export async function holdsClaim(q: Queryable, runId: string): Promise<boolean> {
  const { rowCount } = await q.query(`select from ${currentClaims} and run_id = $1`, [runId]);
  return rowCount !== 0;
}

/** archive.org with all its hosts, and MusicBrainz' web service. */
export type Service = 'archive' | 'musicbrainz';

/**
 * Seconds by which a second's worth of requests is stretched. A slot is a moment in the database; the request leaves a
 * little later, each by another delay (the answer's way, the event loop, a new connection). Without this, a late one
 * followed by punctual ones would make one too many within a second. Who is later than about half of it takes another turn.
 */
const jitterSeconds = 0.05;

/** Seconds. A longer wait for a turn is not waited for in place: the work is released instead (life-cycles page, "Cool-down"). */
export const usualWaitSeconds = 120;

/** What `takeTurns` answers. */
export interface Turns {
  /** How many were taken, from the first on; 0: nothing may be sent. */
  readonly count: number;
  /** Milliseconds from now to the first of them (to what would have been it, where none was taken). */
  readonly waitMs: number;
  /** Milliseconds from each to the next. */
  readonly gapMs: number;
  /** When that was, by the database's clock: milliseconds since 1970. */
  readonly databaseNow: number;
  /** The streak of cool-downs so far. Where it isn't 0, a good answer is to be reported by `endCoolDown`. */
  readonly coolDownStreak: number;
  /** Items that the service slows down, by their identifiers. Those who ask about one let others go first. */
  readonly slowed: Readonly<Record<string, SlowedItem>>;
  /** Those of the runs that were named which hold an event's claim. */
  readonly holding: readonly string[];
}

/**
 * Takes the next free moments of a service, each for one request, and says how long it is until the first. All processes
 * take their turns from one row, so together they keep the rate: turns are at least `1 / requestsPerSecond` apart, none
 * is before the end of a cool-down, and idle time isn't saved up.
 *
 * Each turn's moment is waited for, and one request is sent in it. A turn that isn't used is lost.
 *
 * @param options.requestsPerSecond Above 0; fractions and Infinity (cool-downs only) are allowed.
 * @param options.count How many are asked for; 1 where not given.
 * @param options.maxWaitMs Turns that would be later than this are not taken.
 * @param options.holders Runs of workflows that take turns for writes: whether they may make them is asked along with it.
 */
export async function takeTurns(
  q: Queryable,
  service: Service,
  options: {
    readonly requestsPerSecond: number;
    readonly count?: number;
    readonly maxWaitMs?: number;
    readonly holders?: readonly string[];
  },
): Promise<Turns> {
  const { requestsPerSecond, count = 1, maxWaitMs, holders = [] } = options;
  if (!(requestsPerSecond > 0)) {
    throw new RangeError(`requests per second of ${service} are ${requestsPerSecond}: expected a number above 0`);
  }
  const gapSeconds = gapOf(requestsPerSecond) / 1000;
  const maxWaitSeconds = maxWaitMs === undefined ? null : maxWaitMs / 1000;
  for (;;) {
    const { rows } = await q.query<TurnsRow>(takeStatement, [service, gapSeconds, maxWaitSeconds, count, holders]);
    const [row] = rows;
    if (row === undefined) {
      await q.query('insert into artwork_reconciler.budget (service) values ($1) on conflict do nothing', [service]);
      continue;
    }
    return {
      count: row.count,
      waitMs: Math.max(0, row.waitMs),
      gapMs: gapSeconds * 1000,
      databaseNow: row.nowMs,
      coolDownStreak: row.streak,
      slowed: row.slowed ?? {},
      holding: row.holding ?? [],
    };
  }
}

/** Milliseconds between two turns at a rate. */
function gapOf(requestsPerSecond: number): number {
  return ((1 + jitterSeconds) / requestsPerSecond) * 1000;
}

interface TurnsRow {
  readonly count: number;
  readonly waitMs: number;
  readonly nowMs: number;
  readonly streak: number;
  readonly slowed: Readonly<Record<string, SlowedItem>> | null;
  readonly holding: readonly string[] | null;
}

// The row is locked first and the clock read after that, not now(): a statement that waited for the lock began in the
// past, and a slot in the past would be followed at once by the next one's.
const takeStatement = `
  with held as materialized (
    select next_free_at, cool_down_until, cool_down_since, cool_down_streak
    from artwork_reconciler.budget where service = $1 for update
  ), timed as materialized (
    select clock_timestamp() as at, held.* from held
  ), first as materialized (
    -- What is further ahead than anybody waits for was stored before the clock was set back: it is taken for now.
    select at, cool_down_streak, greatest(
      -- (Of a caller without a limit nobody knows how far ahead it has taken.)
      case when $3::float8 is null
        or next_free_at <= at + make_interval(secs => greatest($3, ${usualWaitSeconds}) + $2::float8)
        then next_free_at end,
      case when ${inForce} then cool_down_until end,
      at
    ) as slot from timed budget
  ), asked as materialized (
    select *, $2::float8 as gap, extract(epoch from slot - at)::float8 as wait from first
  ), granted as materialized (
    select *,
      case
        when wait > $3::float8 then 0
        when gap = 0 or $3::float8 is null then $4::int
        else least($4::int, 1 + floor(($3::float8 - wait) / gap))::int
      end as count
    from asked
  ), taken as (
    update artwork_reconciler.budget budget
    set next_free_at = slot + make_interval(secs => count * gap)
    from granted where budget.service = $1 and count > 0
  )
  select count, wait * 1000 as "waitMs", (extract(epoch from at) * 1000)::float8 as "nowMs", cool_down_streak as streak,
    ${slowedItems} as slowed, (select array_agg(run_id) from ${currentClaims} and run_id = any ($5::text[])) as holding
  from granted`;
