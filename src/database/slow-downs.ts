import type { Queryable } from './connection.ts';

/** Times that are further apart than this have nothing to do with each other. Hours. */
const forgottenAfter = 24;

/**
 * Notes that an item was slowed down though others had succeeded since the time before. Returns how many times that came
 * to, this one included; `forgetSlowDowns` begins anew.
 */
export async function noteSlowDown(q: Queryable, bucket: string): Promise<number> {
  const { rows } = await q.query<{ times: number }>(
    `insert into artwork_reconciler.slow_down as known (bucket, times, at) values ($1, 1, clock_timestamp())
     on conflict (bucket) do update set
       times = case when known.at < clock_timestamp() - interval '${forgottenAfter} hours' then 1 else least(known.times + 1, 100) end,
       at = clock_timestamp()
     returning times`,
    [bucket],
  );
  return rows[0]?.times ?? 1;
}

/** The item took a request, or what came of its slow-downs is written elsewhere. */
export async function forgetSlowDowns(q: Queryable, bucket: string): Promise<void> {
  await q.query('delete from artwork_reconciler.slow_down where bucket = $1', [bucket]);
}
