import type { Queryable } from '../connection.ts';

/** Times that are further apart than this have nothing to do with each other. Hours. */
const forgottenAfter = 24;

/**
 * So many pauses for one item, while requests of any kind were answered in between, are that item's own: where hardly
 * anything is asked that could be compared with it, it must not stop everybody for ever.
 */
const ownPauses = 3;

/** An item for which the archive asked for a pause, as every turn tells of it. */
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
  /** For so long after that, others are asked first. */
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
  const { rows } = await q.query<{ is_to_blame: boolean }>(
    `with others as (
       update artwork_reconciler.slow_down
       set times = 1, at = clock_timestamp(), others_first_until = $3::timestamptz + make_interval(secs => $4)
       where bucket <> $1 and kind = $2 and not is_to_blame
     )
     insert into artwork_reconciler.slow_down as known (bucket, kind, times, at, others_first_until)
     values ($1, $2, 1, clock_timestamp(), $3::timestamptz + make_interval(secs => $4))
     on conflict (bucket) do update set
       kind = $2, at = clock_timestamp(), others_first_until = excluded.others_first_until,
       times = case when ${isForgotten} then 1 else least(known.times + $5::int, 100) end,
       is_to_blame = not ${isForgotten} and known.times + $5::int >= ${ownPauses}
     returning is_to_blame`,
    [pause.item, pause.kind, pause.until, pause.othersFirstSeconds, pause.othersWereAnswered ? 1 : 0],
  );
  return rows[0]?.is_to_blame ?? false;
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
