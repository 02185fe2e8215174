import type { Database } from '../connection.ts';
import { answers, attempts, beginningOfHour, causes, decisions, requests } from './activity-sql.ts';

/** Minutes after which all that was done in an hour is committed: no statement may take longer than two. */
const settled = 10;
/** Hours that are counted at once: after a long pause the rest follows at the next call. */
const most = 24;
/** Days that are counted where none was yet: the overview shows no more. */
const firstDays = 7;

/**
 * Counts the hours that are over, each once. To be called now and then, by any number of processes.
 *
 * @returns how many hours were counted
 */
export async function countHours(db: Database): Promise<number> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{ hours: number }>(
      `with place as (
         select greatest(counted_to, ${beginningOfHour(`(now() - interval '${firstDays} days')`)}) as beginning
         from artwork_reconciler.activity_place for update
       )
       select greatest(0, least(${most}, floor(extract(epoch from
         ${beginningOfHour(`(now() - interval '${settled} minutes')`)} - beginning) / 3600)))::int as hours
       from place`,
    );
    const hours = rows[0]?.hours ?? 0;
    if (hours === 0) return 0;
    const within = (column: string): string =>
      `${column} >= (select beginning from span) and ${column} < (select ending from span)`;
    const audits = (columns: string): string =>
      `select decided_at, ${columns} from artwork_reconciler.audit where ${within('decided_at')}`;
    const ended = `select ended_at, outcome, status from artwork_reconciler.event_attempt where ${within('ended_at')}`;
    await tx.query(
      `with span as materialized (
         select beginning, beginning + $1::int * interval '1 hour' as ending
         from (
           select greatest(counted_to, ${beginningOfHour(`(now() - interval '${firstDays} days')`)}) as beginning
           from artwork_reconciler.activity_place
         ) place
       ),
       counted as (
         insert into artwork_reconciler.activity_hour (hour, what, key, count)
         ${decisions(audits('decision'))}
         union all ${causes(audits('decision, cause'))}
         union all ${requests(audits('requests'))}
         union all ${attempts(ended)}
         union all ${answers(ended)}
         on conflict (hour, what, key) do update set count = excluded.count
       )
       update artwork_reconciler.activity_place set counted_to = (select ending from span)`,
      [hours],
    );
    return hours;
  });
}
