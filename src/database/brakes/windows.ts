import type { EntityType } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';

/** What a window keeps from being started. */
export const windowKinds = ['audits', 'events', 'all'] as const;
export type WindowKind = (typeof windowKinds)[number];

/** A stretch of time in which nothing new is asked of the archive; a daily one comes again every 24 hours. */
export interface PauseWindow {
  readonly id: number;
  readonly stops: WindowKind;
  /** Of this entity type alone; null: of all. */
  readonly entityType: EntityType | null;
  readonly daily: boolean;
  readonly reason: string;
  readonly actor: string;
  /** Of the one that is on, else of the next one. */
  readonly since: Date;
  readonly until: Date;
  readonly isOn: boolean;
}

/**
 * All windows, each with the begin and end of its last time: the one that is on, or the last that was. Only the database's
 * clock counts, so that all workers agree. One that was ended early ends there. UTC has no summer time: a day is 24 hours.
 */
const lastTimes = `
  select id, stops, entity_type, daily, reason, actor, ended_at, begins + shift as since, least(ends + shift, ended_at) as until
  from artwork_reconciler.pause_window
  cross join lateral (
    select make_interval(hours => case when daily then 24 * greatest(0, floor(extract(epoch from
      least(statement_timestamp(), coalesce(ended_at, 'infinity')) - begins) / 86400)::int) else 0 end) as shift
  ) as shifted`;

/** The windows that are on: a subquery of `id`, `stops`, `entity_type`, `reason`, `actor`, `since`, `until`. */
const windowsOn = `
  select * from (${lastTimes}) times
  where ended_at is null and since <= statement_timestamp() and until > statement_timestamp()`;

/** Those that are on and stop events: a subquery of `entity_type` (null: all), `reason` and `until`. */
export const windowsThatStopEvents = `
  select entity_type, reason, until from (${windowsOn}) windows_on where stops in ('events', 'all')`;

/** When the last window ended that stopped an event, as SQL; null where none did. @param event its alias */
export const endOfEventWindows = (event: string): string => `(
  select max(until) from (${lastTimes}) times
  where stops in ('events', 'all') and coalesce(times.entity_type = ${event}.entity_type, true)
    and since < until and until <= statement_timestamp())`;

type WindowOn = Pick<PauseWindow, 'entityType' | 'id' | 'reason' | 'since' | 'until'> & {
  readonly what: 'audits' | 'events';
};

/** The windows that are on: of each kind of work that they stop, and each entity type that they name, the one that ends last. */
export async function readWindowsOn(q: Queryable): Promise<readonly WindowOn[]> {
  const { rows } = await q.query<WindowOn>(
    `select distinct on (what, entity_type) id, what, entity_type as "entityType", reason, since, until
     from (${windowsOn}) windows_on, unnest('{audits,events}'::text[]) what
     where stops in (what, 'all') order by what, entity_type nulls first, until desc, id`,
  );
  return rows;
}

/**
 * Seconds until audits may ask the archive again, and why; null where no window keeps them from it.
 *
 * @param entityType whose audits; null asks only for windows that keep all
 */
export async function auditsKeptFor(
  q: Queryable,
  entityType: EntityType | null,
): Promise<{ readonly seconds: number; readonly reason: string } | null> {
  const { rows } = await q.query<{ seconds: number; reason: string }>(
    `select extract(epoch from until - statement_timestamp())::float8 as seconds, reason
     from (${windowsOn}) windows_on
     where stops in ('audits', 'all') and (entity_type is null or entity_type::text = $1)
     order by until desc limit 1`,
    [entityType],
  );
  return rows[0] ?? null;
}

/** The windows that are on or to come, in the order in which they begin. */
export async function readWindows(q: Queryable): Promise<readonly PauseWindow[]> {
  const { rows } = await q.query<PauseWindow>(
    `select id, stops, entity_type as "entityType", daily, reason, actor, since + later as since, until + later as until,
       since + later <= statement_timestamp() as "isOn"
     from (${lastTimes}) times
     cross join lateral (
       select case when daily and until <= statement_timestamp() then interval '24 hours' else interval '0' end as later
     ) as next
     where ended_at is null and until + later > statement_timestamp() order by since + later, id`,
  );
  return rows;
}
