import type { Config } from '../../config/config.ts';
import type { Brake } from '../../domain/brake.ts';
import { type Database, type Queryable, readOnly } from '../connection.ts';
import {
  type AuditStatus,
  auditStatuses,
  noneOfAny,
  readVerifiedShare,
  type VerifiedShare,
} from '../entities/count-by-status.ts';
import { type CappedCount, countUpTo } from '../lists/walk.ts';
import { type ModeInForce, readMode } from '../pace/mode.ts';
import { readBrakes } from '../pace/read-brakes.ts';
import { isDismissed } from '../queue/event-sql.ts';
import { type AudienceReviews, byAudience, readReviewGroups } from '../reviews/review-groups.ts';
import { openReviews } from '../reviews/reviews.ts';
import { type Figures, readEntityFigures, readFigures } from './figures.ts';

/** Counts of entities by status. */
export type StatusCounts = Readonly<Record<AuditStatus, number>>;

/** What share of the entities that were decided about is clean, from 0 to 1; null where none was decided about. */
export function shareInStep({ clean, legacy, manual_review, repair_queue }: StatusCounts): number | null {
  const decided = clean + legacy + manual_review + repair_queue;
  return decided === 0 ? null : clean / decided;
}

/** Writes down how the entities stand today, over what was written earlier on the same day. */
export async function recordStanding(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
    // As where the figures are read: a count must not read millions of rows.
    await tx.query('set local enable_seqscan = off');
    const { byStatus } = await readEntityFigures(tx);
    await tx.query(
      `insert into artwork_reconciler.standing_day (day, status, count)
       select (now() at time zone 'UTC')::date, status::artwork_reconciler.audit_entity_status, count
       from unnest($1::text[], $2::bigint[]) counted (status, count)
       on conflict (day, status) do update set count = excluded.count`,
      [auditStatuses, auditStatuses.map((status) => byStatus[status])],
    );
  });
}

/** How the archive stood at the end of a week, or stands today in the current one. */
interface StandingWeek {
  /** The last day of it that is known, e.g. `2026-01-31`. */
  readonly day: string;
  readonly share: number | null;
}

const shownWeeks = 12;

/** The last weeks of which anything is known, the current one last. */
async function readStandingWeeks(q: Queryable): Promise<readonly StandingWeek[]> {
  const { rows } = await q.query<{ day: string; counts: Partial<Record<AuditStatus, number>> }>(
    `select distinct on (date_trunc('week', day)) day::text as day, counts
     from (
       select day, jsonb_object_agg(status, count) as counts from artwork_reconciler.standing_day
       where day > (now() at time zone 'UTC')::date - 7 * $1::int group by day
     ) days
     order by date_trunc('week', day), day desc`,
    [shownWeeks],
  );
  return rows.map(({ day, counts }) => ({ day, share: shareInStep({ ...noneOfAny, ...counts }) }));
}

/** What was done within some time that ends now. */
export interface RecentWork {
  /** Audits that decided. */
  readonly audited: CappedCount;
  /** Repairs that an audit had queued, and that were carried out. */
  readonly repaired: CappedCount;
  /** Reviews that a person answered. */
  readonly reviewed: CappedCount;
  /** Requests that audits made. */
  readonly requests: CappedCount;
}

/** Counts end there: each goes by an index, and this far in some milliseconds. */
const most = 10_000;

async function countTo(q: Queryable, rows: string): Promise<CappedCount> {
  const count = await countUpTo(q, rows, most);
  return { count, exact: count < most };
}

/** Audits whose requests are read: these are in the table itself. */
const fetched = 5_000;

/** What was done in the last `minutes`. */
export async function readRecentWork(q: Queryable, minutes: number): Promise<RecentWork> {
  const since = `now() - interval '${Math.round(minutes)} minutes'`;
  const { rows } = await q.query<{ requests: number; audits: number }>(
    `select coalesce(sum(made), 0)::float8 as requests, count(*)::int as audits
     from (
       select requests from artwork_reconciler.audit where decided_at >= ${since} order by decided_at desc limit ${fetched}
     ) audit,
     lateral (select sum(value::numeric) as made from jsonb_each_text(audit.requests)) of_audit`,
  );
  const { requests = 0, audits = 0 } = rows[0] ?? {};
  return {
    audited: await countTo(q, `from artwork_reconciler.audit where decided_at >= ${since} and decision <> 'not_now'`),
    repaired: await countTo(
      q,
      `from artwork_reconciler.audit_repair where ended_at >= ${since} and outcome = 'completed'`,
    ),
    reviewed: await countTo(
      q,
      `from artwork_reconciler.needs_manual_review where resolved_at >= ${since} and resolved_by is not null`,
    ),
    requests: { count: requests, exact: audits < fetched },
  };
}

/** How everything stands now: what the overview and `status` show. */
export interface Standing {
  readonly figures: Figures;
  readonly verified: VerifiedShare;
  /** The share of the archive that is in step, over the last weeks. */
  readonly weeks: readonly StandingWeek[];
  /** What was done in the last 60 minutes. */
  readonly lastHour: RecentWork;
  readonly lastDay: RecentWork;
  /** The open reviews of each audience. */
  readonly waiting: readonly AudienceReviews[];
}

/** Reads it at a cost that doesn't grow with the tables. No statement may take longer than `timeoutSeconds`. */
export async function readStanding(
  db: Database,
  config: Pick<Config, 'audit' | 'events'>,
  timeoutSeconds: number,
): Promise<Standing> {
  return {
    figures: await readFigures(db, config, timeoutSeconds),
    ...(await readOnly(db, timeoutSeconds, async (q) => ({
      verified: await readVerifiedShare(q, config.audit.recheckDays),
      weeks: await readStandingWeeks(q),
      lastHour: await readRecentWork(q, 60),
      lastDay: await readRecentWork(q, 24 * 60),
      waiting: byAudience(await readReviewGroups(q, 'open')),
    }))),
  };
}

/** What an operator has to know wherever they are: what is stopped, and what waits for a person. */
export interface Attention {
  readonly mode: ModeInForce;
  /** Those that are on. */
  readonly brakes: readonly Brake[];
  readonly openReviews: CappedCount;
  /** Failed for good, and not dismissed. */
  readonly failedEvents: CappedCount;
}

/** Reads it at a cost that doesn't grow with the tables. No statement may take longer than `timeoutSeconds`. */
export async function readAttention(
  db: Database,
  config: Pick<Config, 'audit' | 'events'>,
  timeoutSeconds: number,
): Promise<Attention> {
  return readOnly(db, timeoutSeconds, async (q) => {
    // Statistics that are out of date must not make a count read millions of rows to find a few.
    await q.query('set local enable_seqscan = off');
    return {
      mode: await readMode(q, config.audit),
      brakes: await readBrakes(q, config),
      openReviews: await countTo(q, openReviews),
      failedEvents: await countTo(
        q,
        `from artwork_indexer.event_queue e where e.state = 'failed' and not ${isDismissed}`,
      ),
    };
  });
}
