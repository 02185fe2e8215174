import type { Queryable } from '../connection.ts';
import { beginningOfHour, countedFrom, fetched, looked } from './activity.ts';

/** What was done since a moment, and by whom. */
export interface WorkSince {
  /** The beginning of the hour in which that moment is: hours are counted whole. */
  readonly since: Date;
  /** Requests that workers and `audit` sent, redirect hops included, events' writes too; by what was answered. */
  readonly requests: readonly {
    readonly service: string;
    readonly kind: string;
    readonly answer: string;
    readonly count: number;
  }[];
  /** Attempts at events, by how they ended. */
  readonly events: readonly Counted<'outcome'>[];
  /** Audits by decision. */
  readonly audits: readonly Counted<'decision'>[];
  /** Repairs that were carried out, by the checks that they were queued for. */
  readonly repairs: readonly Counted<'check'>[];
  /** Reviews that people answered. */
  readonly reviews: readonly Counted<'person'>[];
  /** Whether there was too much in the hours that are not counted yet to read all of it. */
  readonly isPart: boolean;
}

type Counted<By extends string> = Readonly<Record<By, string>> & { readonly count: number };

/** Days: beyond, the answer would take longer than a page may. */
const longestSince = 400;

/** What was done since a moment, no longer ago than `longestSince` days, the most first. */
export async function readWorkSince(q: Queryable, since: Date): Promise<WorkSince> {
  const { rows } = await q.query<SumRow>(
    `${countedFrom(`${beginningOfHour('greatest($1::timestamptz, now() - make_interval(days => $2))')}`)}
     select (select beginning from asked) as since, sum.what, sum.key, sum.count, sum.live
     from (select 1) as one left join (
       select what, key, sum(count)::float8 as count, coalesce(sum(count) filter (where is_live), 0)::float8 as live
       from counted group by what, key
     ) as sum on true
     order by sum.count desc, sum.key`,
    [since, longestSince],
  );
  const by = <By extends string>(what: string, name: By): Counted<By>[] =>
    rows
      .filter((row) => row.what === what)
      .map(({ key, count }) => ({ [name]: key ?? '', count: count ?? 0 }) as Counted<By>);
  const live = (what: string): number =>
    rows.filter((row) => row.what === what).reduce((sum, row) => sum + (row.live ?? 0), 0);
  return {
    since: rows[0]?.since ?? since,
    requests: by('answered', 'key').map(({ key, count }) => {
      const [service = '', kind = '', answer = ''] = key.split(' ');
      return { service, kind, answer, count };
    }),
    events: by('attempt', 'outcome'),
    audits: by('audit', 'decision'),
    repairs: by('repair', 'check'),
    reviews: by('review', 'person'),
    isPart: live('audit') >= looked || live('attempt') >= looked || live('repair') >= fetched,
  };
}

interface SumRow {
  readonly since: Date;
  readonly what: string | null;
  readonly key: string | null;
  readonly count: number | null;
  readonly live: number | null;
}

/**
 * Adds requests that were sent just now to those of the hour.
 *
 * @param counts by service, kind and answer, with blanks between them
 */
export async function addAnsweredRequests(q: Queryable, counts: ReadonlyMap<string, number>): Promise<void> {
  await q.query(
    // Each process goes through the rows in the same order: none waits for one that waits for it.
    `insert into artwork_reconciler.activity_hour (hour, what, key, count)
     select ${beginningOfHour('now()')}, 'answered', key, count
     from unnest($1::text[], $2::bigint[]) sent (key, count) order by key
     on conflict (hour, what, key) do update set count = activity_hour.count + excluded.count`,
    [[...counts.keys()], [...counts.values()]],
  );
}
