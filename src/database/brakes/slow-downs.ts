import sql, { raw } from 'sql-template-tag';
import type { Queryable } from '../connection.ts';

/** Times that are further apart than this have nothing to do with each other. Hours. */
const forgottenAfter = 24;

/**
 * Where hardly anything is asked that could be compared with it, one item must not stop everybody for ever: its pauses
 * become its own. The third one does where requests of any kind were answered in between. Where nothing else was asked at
 * all (its event may be the only one, and keeps audits from starting), a pause tells half as much, and the fifth does: with
 * pauses that double, that is at 15 times the first one's length, and not at an hour each without end.
 */
const weights = { compared: 2, alone: 1 } as const;
const ownWeight = 3 * weights.compared;

/** An item for which the archive asked for a pause, as every turn reports it. */
export interface SlowedItem {
  /** Another item was asked after it, and answered. */
  readonly isToBlame: boolean;
  /** Milliseconds since 1970 by the database's clock; until then others are to be asked first. */
  readonly othersFirstUntil: number;
}

/** Items by their identifiers, for a statement that takes turns. Next to always there are none. */
export const slowedItems = `(
  select jsonb_object_agg(bucket, jsonb_build_object(
    'isToBlame', is_to_blame,
    -- What was noted in a time to come was noted before the clock was set back.
    'othersFirstUntil', case when at <= clock_timestamp() then coalesce(extract(epoch from others_first_until) * 1000, 0) else 0 end))
  from artwork_reconciler.slow_down where at > clock_timestamp() - interval '${forgottenAfter} hours')`;

export interface Pause {
  readonly item: string;
  /** What was asked: an answer to the same tells whose fault it is. */
  readonly kind: string;
  /** Until when everybody pauses. */
  readonly until: Date;
  /** For this long after that, others are asked first. */
  readonly othersFirstSeconds: number;
  /** Whether anybody was answered since the pause before. */
  readonly othersWereAnswered: boolean;
}

/**
 * Notes that everybody pauses for an item. Whoever paused before it for the same kind of request, and is not to blame yet,
 * is not the cause then: that is counted afresh.
 *
 * @returns whether it is to blame by now
 */
export async function noteSlowDown(q: Queryable, pause: Pause): Promise<boolean> {
  const { item, kind, until, othersFirstSeconds } = pause;
  const othersFirstUntil = sql`${until}::timestamptz + make_interval(secs => ${othersFirstSeconds})`;
  const weight = pause.othersWereAnswered ? weights.compared : weights.alone;
  // What was asked before the pause that is in force tells nothing more than it did. `times` adds up weights.
  const told = sql`case when known.others_first_until > clock_timestamp() then 0 else ${weight}::int end`;
  const { rows } = await q.query<{ isToBlame: boolean }>(
    sql`with others as (
       update artwork_reconciler.slow_down
       set times = ${weights.compared}, at = clock_timestamp(), others_first_until = ${othersFirstUntil}
       where bucket <> ${item} and kind = ${kind} and not is_to_blame
     )
     insert into artwork_reconciler.slow_down as known (bucket, kind, times, at, others_first_until)
     values (${item}, ${kind}, ${weights.compared}, clock_timestamp(), ${othersFirstUntil})
     on conflict (bucket) do update set
       kind = ${kind}, at = clock_timestamp(), others_first_until = excluded.others_first_until,
       times = case when ${raw(isForgotten)} then ${weights.compared} else least(known.times + ${told}, 100) end,
       is_to_blame = not ${raw(isForgotten)} and known.times + ${told} >= ${ownWeight}
     returning is_to_blame as "isToBlame"`,
  );
  return rows[0]?.isToBlame ?? false;
}

/** Whether an item that is slowed down once more is known to be the cause. That it was is remembered for another day. */
export async function isToBlame(q: Queryable, item: string): Promise<boolean> {
  const { rowCount } = await q.query(
    `update artwork_reconciler.slow_down known set at = clock_timestamp()
     where bucket = $1 and is_to_blame and not ${isForgotten}`,
    [item],
  );
  return rowCount === 1;
}

/**
 * Notes that a request was answered: whichever other item was slowed down for the same before it was sent is to blame.
 *
 * @param sentAgo milliseconds
 */
export async function blameOthers(
  q: Queryable,
  { item, kind, sentAgo }: { readonly item: string; readonly kind: string; readonly sentAgo: number },
): Promise<void> {
  await q.query(
    `update artwork_reconciler.slow_down set is_to_blame = true
     where bucket <> $1 and kind = $2 and not is_to_blame and at < clock_timestamp() - make_interval(secs => $3)`,
    [item, kind, sentAgo / 1000],
  );
}

/** The item was answered to what it was slowed down for, or to something else: that tells nothing. */
export async function forgetSlowDowns(q: Queryable, item: string, kind: string): Promise<void> {
  await q.query('delete from artwork_reconciler.slow_down where bucket = $1 and kind = $2', [item, kind]);
}

const isForgotten = `known.at <= clock_timestamp() - interval '${forgottenAfter} hours'`;
