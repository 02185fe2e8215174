import type { Queryable } from './connection.ts';
import type { Service } from './budget.ts';

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
  /** How many in a row, this one included. */
  readonly streak: number;
}

/**
 * Orders everybody to leave a service alone for a while, and returns until when.
 *
 * `Retry-After` is obeyed within 5 s … 1 h; without one it is `defaultSeconds`, doubled with each in a row, at most 1 h.
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
     values ($1, clock_timestamp() + least($4, coalesce($2::float8, $3::float8)) * interval '1 second', clock_timestamp(), $5, 1)
     on conflict (service) do update set
       cool_down_until = case
         when ${inForce} then greatest(budget.cool_down_until, clock_timestamp() + $2::float8 * interval '1 second')
         else clock_timestamp() + least($4, coalesce($2::float8, $3::float8 * 2 ^ least(budget.cool_down_streak, 20))) * interval '1 second'
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
 * @returns whether there was a row of them to end
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
