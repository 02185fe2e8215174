import { isRepair, policies } from '../../domain/checks/finding.ts';
import type { Database, Queryable } from '../connection.ts';

/**
 * What the counting of hours and the reading of the current one have in common: rows of `hour`, `what`, `key`, `count`.
 * Hours begin as UTC's do.
 */
const hourOf = (moment: string): string => `date_trunc('hour', ${moment} at time zone 'UTC') at time zone 'UTC'`;

/** Decisions of audits. @param audits a subquery of `decided_at` and `decision`; an index has both */
const decisions = (audits: string): string => `
  select ${hourOf('decided_at')} as hour, 'audit' as what, decision::text as key, count(*) as count
  from (${audits}) decided group by 1, 3`;

/** Why audits were released. @param audits a subquery of `decided_at`, `decision` and `cause` */
const causes = (audits: string): string => `
  select ${hourOf('decided_at')} as hour, 'not_now' as what, coalesce(cause, 'other') as key, count(*) as count
  from (${audits}) decided where decision = 'not_now' group by 1, 3`;

/** Requests that audits made. @param audits a subquery of `decided_at` and `requests` */
const requests = (audits: string): string => `
  select ${hourOf('decided_at')} as hour, 'request' as what, request.key, sum(request.value::numeric)::bigint as count
  from (${audits}) decided, jsonb_each_text(decided.requests) request group by 1, 3`;

/** How attempts at events ended. @param attempts a subquery of `ended_at`, `outcome` and `status`; an index has them */
const attempts = (attempts: string): string => `
  select ${hourOf('ended_at')} as hour, 'attempt' as what, outcome as key, count(*) as count
  from (${attempts}) ended group by 1, 3`;

/** What the archive answered to attempts that failed. @param attempts as above */
const answers = (attempts: string): string => `
  select ${hourOf('ended_at')} as hour, 'answer' as what, coalesce(status::text, 'none') as key, count(*) as count
  from (${attempts}) ended where outcome in ('queued', 'failed') group by 1, 3`;

/**
 * Repairs that were carried out, by the checks that they were queued for; one of an audit with two such findings counts for
 * both. @param repairs a subquery of `ended_at` and `findings`
 */
const repairs = (repairs: string): string => `
  select ${hourOf('ended_at')} as hour, 'repair' as what, found.check_name as key, count(*) as count
  from (${repairs}) ended, lateral (
    select distinct finding->>'check' as check_name from jsonb_array_elements(ended.findings) finding
    where finding->>'policy' in (${repairPolicies})
  ) found group by 1, 3`;

const repairPolicies = policies
  .filter(isRepair)
  .map((policy) => `'${policy}'`)
  .join(', ');

/** Reviews that people answered, by person. @param reviews a subquery of `resolved_at` and `resolved_by` */
const answered = (reviews: string): string => `
  select ${hourOf('resolved_at')} as hour, 'review' as what, resolved_by as key, count(*) as count
  from (${reviews}) answered group by 1, 3`;

/** Repairs that were carried out, of the moments that the condition chooses. */
const carriedOut = (when: string, rest = ''): string => `
  select repair.ended_at, audit.findings
  from (
    select ended_at, audit_id from artwork_reconciler.audit_repair
    where ended_at ${when} and outcome = 'completed' ${rest}
  ) repair join artwork_reconciler.audit audit on audit.id = repair.audit_id`;

/** The beginning of the hour that a moment is in. */
export const beginningOfHour = hourOf;

/** A check that recent audits had findings of. */
interface CommonFinding {
  readonly check: string;
  /** Audits. */
  readonly count: number;
}

export interface CommonFindings {
  /** The most common first. */
  readonly findings: readonly CommonFinding[];
  /** Audits that were counted. */
  readonly of: number;
}

/** Audits; as many as the breaker counts, and some more. */
const recent = 500;
const shown = 10;

/** What the newest decided audits found most often, whatever it led to. */
export async function commonFindings(q: Queryable): Promise<CommonFindings> {
  const { rows } = await q.query<CommonFinding & { readonly of: number }>(
    `with recent as materialized (
       select id, findings from artwork_reconciler.audit where decision <> 'not_now' order by id desc limit ${recent}
     ),
     common as (
       select finding->>'check' as "check", count(distinct recent.id)::int as count
       from recent, jsonb_array_elements(recent.findings) finding
       group by finding->>'check'
     )
     select common.*, whole.of
     from (select count(*)::int as of from recent) whole left join common on true
     order by count desc nulls last, "check" limit ${shown}`,
  );
  const findings = rows.flatMap(({ check, count }) => (count === null ? [] : [{ check, count }]));
  return { findings, of: rows[0]?.of ?? 0 };
}

/** Minutes after which all that was done in an hour is committed: no statement may take longer than two. */
const settled = 10;
/** Hours that are counted at once: after a long pause the rest follows at the next call. */
export const hoursAtOnce = 24;
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
       select greatest(0, least(${hoursAtOnce}, floor(extract(epoch from
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
         select beginning, beginning + make_interval(hours => $1) as ending
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
         union all ${repairs(carriedOut('>= (select beginning from span) and ended_at < (select ending from span)'))}
         union all ${answered(`select resolved_at, resolved_by from artwork_reconciler.needs_manual_review where resolved_by is not null and ${within('resolved_at')}`)}
         -- Of an hour that is counted again, some of the history may be deleted by then.
         on conflict (hour, what, key) do update set count = greatest(activity_hour.count, excluded.count)
       )
       update artwork_reconciler.activity_place set counted_to = (select ending from span)`,
      [hours],
    );
    return hours;
  });
}

/** What was done in one hour: counts by key, e.g. `audit.clean`. */
export interface ActivityHour {
  readonly hour: Date;
  /** By decision. */
  readonly audit: Readonly<Record<string, number>>;
  /** By the cause for which an audit was released. */
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
  /** The hours before it are counted; of those after it, what was read. */
  readonly countedTo: Date;
}

/** Rows of audits, and of attempts, that are read for what is not counted yet; by an index that has all that counts. */
export const looked = 150_000;
/** Audits whose causes and requests are read: these have to be fetched from the table. */
export const fetched = 5_000;

/** What the overview draws. */
const drawn = ['answer', 'attempt', 'audit', 'not_now', 'request'] as const;

/**
 * The beginning of a statement: `counted` are rows of `hour`, `what`, `key`, `count` and `is_live`. Hours that are over come
 * from the table that housekeeping counts them into, the others (the current one, and the one before until it is settled)
 * from the history; so it costs the same however long that is.
 *
 * @param beginning the first hour, as SQL
 */
export function countedFrom(beginning: string): string {
  const since = `(select counted_to from place)`;
  const audits = (columns: string, limit: number): string =>
    `select decided_at, ${columns} from artwork_reconciler.audit
     where decided_at >= ${since} order by decided_at desc limit ${limit}`;
  const ended = `select ended_at, outcome, status from artwork_reconciler.event_attempt
     where ended_at >= ${since} order by ended_at desc limit ${looked}`;
  const reviewed = `select resolved_at, resolved_by from artwork_reconciler.needs_manual_review
     where resolved_by is not null and resolved_at >= ${since} order by resolved_at desc limit ${fetched}`;
  return `with asked as materialized (select ${beginning} as beginning),
     place as materialized (
       -- Where nothing was counted yet, as on the first day, all that is asked for is read.
       select greatest(counted_to, (select beginning from asked)) as counted_to from artwork_reconciler.activity_place
     ),
     counted as (
       select rows.*, hour >= ${since} as is_live from (
         select hour, what, key, count from artwork_reconciler.activity_hour
         -- Requests are counted while their hour lasts. With an end, too, the planner goes by the index.
         where hour >= (select beginning from asked) and hour <= now() and (hour < ${since} or what = 'answered')
         union all ${decisions(audits('decision', looked))}
         union all ${causes(audits('decision, cause', fetched))}
         union all ${requests(audits('requests', fetched))}
         union all ${attempts(ended)}
         union all ${answers(ended)}
         union all ${repairs(carriedOut(`>= ${since}`, `order by ended_at desc limit ${fetched}`))}
         union all ${answered(reviewed)}
       ) rows
     )`;
}

/** What was done in the last hours. */
export async function readActivity(q: Queryable, hours: number): Promise<Activity> {
  const { rows } = await q.query<Row>(
    `${countedFrom(`${beginningOfHour('now()')} - make_interval(hours => $1 - 1)`)}
     select hour, what, key, count::float8 as count, is_live as "isLive" from counted where what = any ($2::text[])`,
    [hours, drawn],
  );
  const { rows: clock } = await q.query<{ hour: Date; seconds: number; countedTo: Date }>(
    `select ${beginningOfHour('now()')} as hour, extract(epoch from now() - ${beginningOfHour('now()')})::float8 as seconds,
       greatest(counted_to, ${beginningOfHour(`(now() - interval '${firstDays} days')`)}) as "countedTo"
     from artwork_reconciler.activity_place`,
  );
  const { hour, seconds, countedTo } = clock[0] ?? { hour: new Date(), seconds: 0, countedTo: new Date() };
  const live = (what: Row['what']): number =>
    rows.filter((row) => row.isLive && row.what === what).reduce((sum, { count }) => sum + count, 0);
  return {
    hours: Array.from({ length: hours }, (_, n) =>
      activityOf(rows, new Date(hour.getTime() - (hours - 1 - n) * anHour)),
    ),
    lastHourSeconds: seconds,
    isPart: live('audit') > fetched || live('attempt') >= looked,
    countedTo,
  };
}

/** Milliseconds. */
const anHour = 3_600_000;

interface Row {
  readonly hour: Date;
  readonly what: (typeof drawn)[number];
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
