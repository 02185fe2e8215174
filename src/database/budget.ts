import type { Queryable } from './connection.ts';

/** archive.org with all its hosts, and MusicBrainz' web service. */
export type Service = 'archive' | 'musicbrainz';

/**
 * Seconds by which a second's worth of requests is stretched. A slot is a moment in the database; the request leaves a
 * little later, each by another delay (the answer's way, the event loop, a new connection). Without this, a late one
 * followed by punctual ones would make one too many within a second. Who is later than about half of it takes another turn.
 */
const jitterSeconds = 0.05;

/** What `takeTurn` answers; `too_long`: no turn was taken, and nothing may be sent. */
export interface Turn {
  readonly kind: 'taken' | 'too_long';
  /** Milliseconds from now to the turn (to what would have been the turn, where none was taken). */
  readonly waitMs: number;
  /** When that was, by the database's clock: milliseconds since 1970. */
  readonly databaseNow: number;
  /** Cool-downs in a row so far. Where it isn't 0, a good answer is to be told with `endCoolDown`. */
  readonly coolDownStreak: number;
}

/**
 * Takes the next free moment of a service for one request, and says how long it is until then. All processes take their
 * turns from one row, so together they keep the rate: turns are at least `1 / requestsPerSecond` apart, none is before
 * the end of a cool-down, and idle time isn't saved up.
 *
 * The caller waits `waitMs` and sends one request. A turn that isn't used is lost.
 *
 * @param options.requestsPerSecond Above 0; fractions and Infinity (cool-downs only) are allowed.
 * @param options.maxWaitMs Where the turn would be later than this, none is taken.
 */
export async function takeTurn(
  q: Queryable,
  service: Service,
  options: { readonly requestsPerSecond: number; readonly maxWaitMs?: number },
): Promise<Turn> {
  const { requestsPerSecond, maxWaitMs } = options;
  if (!(requestsPerSecond > 0)) {
    throw new RangeError(`requests per second of ${service} are ${requestsPerSecond}: expected a number above 0`);
  }
  const gapSeconds = (1 + jitterSeconds) / requestsPerSecond;
  const maxWaitSeconds = maxWaitMs === undefined ? null : maxWaitMs / 1000;
  const taken = await q.query<TurnRow>(takeStatement, [service, gapSeconds, maxWaitSeconds]);
  if (taken.rows[0] !== undefined) return toTurn('taken', taken.rows[0]);

  const refused = await q.query<TurnRow>(lookStatement, [service]);
  return toTurn('too_long', refused.rows[0] ?? { wait_ms: 0, now_ms: Date.now(), streak: 0 });
}

interface TurnRow {
  readonly wait_ms: number;
  readonly now_ms: number;
  readonly streak: number;
}

function toTurn(kind: Turn['kind'], row: TurnRow): Turn {
  return { kind, waitMs: Math.max(0, row.wait_ms), databaseNow: row.now_ms, coolDownStreak: row.streak };
}

// clock_timestamp(), not now(): a statement that waited for the row's lock began in the past, and a slot in the past
// would be followed at once by the next one's.
const nextSlot = 'greatest(budget.next_free_at, budget.cool_down_until, clock_timestamp())';

const nowMs = '(extract(epoch from clock_timestamp()) * 1000)::float8';

const takeStatement = `
  insert into artwork_reconciler.budget as budget (service, next_free_at)
  values ($1, clock_timestamp() + $2::float8 * interval '1 second')
  on conflict (service) do update
    set next_free_at = ${nextSlot} + $2::float8 * interval '1 second'
    where $3::float8 is null or ${nextSlot} <= clock_timestamp() + $3::float8 * interval '1 second'
  returning
    (extract(epoch from next_free_at - $2::float8 * interval '1 second' - clock_timestamp()) * 1000)::float8 as wait_ms,
    ${nowMs} as now_ms, cool_down_streak as streak`;

const lookStatement = `
  select (extract(epoch from ${nextSlot} - clock_timestamp()) * 1000)::float8 as wait_ms,
    ${nowMs} as now_ms, cool_down_streak as streak
  from artwork_reconciler.budget budget where service = $1`;

export { coolDown, endCoolDown, readCoolDown, readCoolDowns, type CoolDown } from './cool-down.ts';
