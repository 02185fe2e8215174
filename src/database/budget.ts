import type { Queryable } from './connection.ts';
import { inForce } from './cool-down.ts';
import { type SlowedItem, slowedItems } from './brakes/slow-downs.ts';

/** archive.org with all its hosts, and MusicBrainz' web service. */
export type Service = 'archive' | 'musicbrainz';

/**
 * Seconds by which a second's worth of requests is stretched. A slot is a moment in the database; the request leaves a
 * little later, each by another delay (the answer's way, the event loop, a new connection). Without this, a late one
 * followed by punctual ones would make one too many within a second. Who is later than about half of it takes another turn.
 */
const jitterSeconds = 0.05;

/** Seconds. A longer wait for a turn is not waited for in place: the work is put back instead (life-cycles page, "Cool-down"). */
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
  /** Cool-downs in a row so far. Where it isn't 0, a good answer is to be told with `endCoolDown`. */
  readonly coolDownStreak: number;
  /** Items that the service slows down, by their identifiers. Those who ask about one let others go first. */
  readonly slowed: Readonly<Record<string, SlowedItem>>;
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
 */
export async function takeTurns(
  q: Queryable,
  service: Service,
  options: { readonly requestsPerSecond: number; readonly count?: number; readonly maxWaitMs?: number },
): Promise<Turns> {
  const { requestsPerSecond, count = 1, maxWaitMs } = options;
  if (!(requestsPerSecond > 0)) {
    throw new RangeError(`requests per second of ${service} are ${requestsPerSecond}: expected a number above 0`);
  }
  const gapSeconds = gapOf(requestsPerSecond) / 1000;
  const maxWaitSeconds = maxWaitMs === undefined ? null : maxWaitMs / 1000;
  for (;;) {
    const { rows } = await q.query<TurnsRow>(takeStatement, [service, gapSeconds, maxWaitSeconds, count]);
    const [row] = rows;
    if (row === undefined) {
      await q.query('insert into artwork_reconciler.budget (service) values ($1) on conflict do nothing', [service]);
      continue;
    }
    return {
      count: row.count,
      waitMs: Math.max(0, row.wait_ms),
      gapMs: gapSeconds * 1000,
      databaseNow: row.now_ms,
      coolDownStreak: row.streak,
      slowed: row.slowed ?? {},
    };
  }
}

/** Milliseconds between two turns at a rate. */
export function gapOf(requestsPerSecond: number): number {
  return ((1 + jitterSeconds) / requestsPerSecond) * 1000;
}

interface TurnsRow {
  readonly count: number;
  readonly wait_ms: number;
  readonly now_ms: number;
  readonly streak: number;
  readonly slowed: Readonly<Record<string, SlowedItem>> | null;
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
        or next_free_at <= at + (greatest($3, ${usualWaitSeconds}) + $2::float8) * interval '1 second'
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
    set next_free_at = slot + count * gap * interval '1 second'
    from granted where budget.service = $1 and count > 0
  )
  select count, wait * 1000 as wait_ms, (extract(epoch from at) * 1000)::float8 as now_ms, cool_down_streak as streak,
    ${slowedItems} as slowed
  from granted`;

export { type CoolDown, coolDown, endCoolDown, readCoolDown, readCoolDowns } from './cool-down.ts';
