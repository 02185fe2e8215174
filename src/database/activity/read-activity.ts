import type { Queryable } from '../connection.ts';
import { answers, attempts, beginningOfHour, causes, decisions, requests } from './activity-sql.ts';

/** What was done in one hour: counts by key, e.g. `audit.clean`. */
export interface ActivityHour {
  readonly hour: Date;
  /** By decision. */
  readonly audit: Readonly<Record<string, number>>;
  /** By the cause for which an audit was given back. */
  readonly not_now: Readonly<Record<string, number>>;
  /** Requests of audits, by kind. */
  readonly request: Readonly<Record<string, number>>;
  /** By how an attempt at an event ended. */
  readonly attempt: Readonly<Record<string, number>>;
  /** By the status that the archive answered to an attempt that failed; `none` where there was no answer. */
  readonly answer: Readonly<Record<string, number>>;
}

export interface Activity {
  /** Each hour of the time that was asked for, the current one last, also those in which nothing was done. */
  readonly hours: readonly ActivityHour[];
  /** Seconds of the last hour that have passed. */
  readonly lastHourSeconds: number;
  /** Whether there was too much in the hours that are not counted yet to read all of it. */
  readonly isPart: boolean;
}

/** Rows of audits, and of attempts, that are looked at for what is not counted yet; by an index that has all that counts. */
const looked = 150_000;
/** Audits whose causes and requests are read: these have to be fetched from the table. */
const fetched = 5_000;

/**
 * What was done in the last hours. Those that are over come from the table that housekeeping counts them into, the others
 * (the current one, and the one before until it is settled) from the history; so it costs the same however long that is.
 */
export async function readActivity(q: Queryable, hours: number): Promise<Activity> {
  const since = `(select counted_to from place)`;
  const audits = (columns: string, limit: number): string =>
    `select decided_at, ${columns} from artwork_reconciler.audit
     where decided_at >= ${since} order by decided_at desc limit ${limit}`;
  const ended = `select ended_at, outcome, status from artwork_reconciler.event_attempt
     where ended_at >= ${since} order by ended_at desc limit ${looked}`;
  const { rows } = await q.query<Row>(
    `with asked as materialized (select ${beginningOfHour('now()')} - ($1::int - 1) * interval '1 hour' as beginning),
     place as materialized (
       -- Where nothing was counted yet, as on the first day, all that is asked for is read.
       select greatest(counted_to, (select beginning from asked)) as counted_to from artwork_reconciler.activity_place
     )
     select hour, what, key, count::float8 as count, hour >= ${since} as "isLive" from (
       select hour, what, key, count from artwork_reconciler.activity_hour
       where hour >= (select beginning from asked) and hour < ${since}
       union all ${decisions(audits('decision', looked))}
       union all ${causes(audits('decision, cause', fetched))}
       union all ${requests(audits('requests', fetched))}
       union all ${attempts(ended)}
       union all ${answers(ended)}
     ) counted`,
    [hours],
  );
  const { rows: clock } = await q.query<{ hour: Date; seconds: number }>(
    `select ${beginningOfHour('now()')} as hour, extract(epoch from now() - ${beginningOfHour('now()')})::float8 as seconds`,
  );
  const { hour, seconds } = clock[0] ?? { hour: new Date(), seconds: 0 };
  const live = (what: Row['what']): number =>
    rows.filter((row) => row.isLive && row.what === what).reduce((sum, { count }) => sum + count, 0);
  return {
    hours: Array.from({ length: hours }, (_, n) =>
      activityOf(rows, new Date(hour.getTime() - (hours - 1 - n) * anHour)),
    ),
    lastHourSeconds: seconds,
    isPart: live('audit') > fetched || live('attempt') >= looked,
  };
}

/** Milliseconds. */
const anHour = 3_600_000;

interface Row {
  readonly hour: Date;
  readonly what: 'answer' | 'attempt' | 'audit' | 'not_now' | 'request';
  readonly key: string;
  readonly count: number;
  readonly isLive: boolean;
}

function activityOf(rows: readonly Row[], hour: Date): ActivityHour {
  const of = (what: Row['what']): Record<string, number> =>
    Object.fromEntries(
      rows
        .filter((row) => row.what === what && row.hour.getTime() === hour.getTime())
        .map(({ key, count }) => [key, count]),
    );
  return {
    hour,
    audit: of('audit'),
    not_now: of('not_now'),
    request: of('request'),
    attempt: of('attempt'),
    answer: of('answer'),
  };
}
