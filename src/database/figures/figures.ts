import sql from 'sql-template-tag';
import type { Config } from '../../config/config.ts';
import type { EventState } from '../../domain/queue/indexer-event.ts';
import type { Brake } from '../../domain/brake.ts';
import type { Service } from '../brakes/budget.ts';
import type { Database, Queryable } from '../connection.ts';
import type { AuditStatus } from '../entities/count-by-status.ts';
import { lapsed } from '../entities/lost-audits.ts';
import { type Count, countOrEstimate, countUpTo, estimateRows } from '../lists/walk.ts';
import { type ModeInForce, readMode } from '../pace/mode.ts';
import { type FullPass, type OwnPace, type Pace, readFullPass, readOwnPaces, readPace } from '../pace/rate.ts';
import { readBrakes } from '../pace/read-brakes.ts';
import { readOldestDueEvent } from '../queue/counts.ts';
import { type EventSettings, isDismissed, leftRunning } from '../queue/event-sql.ts';
import { openReviews } from '../reviews/reviews.ts';
import { limitsOfReading } from '../time-limits.ts';
import { differingSettings, readWorkers, type SettingDifference } from '../workers.ts';

/** How the requests to one service stand, over all processes. */
interface BudgetFigures {
  readonly service: Service;
  /** Seconds for which turns are taken already; 0 where the next request may go at once. */
  readonly bookedSeconds: number;
  /** What is left of a cool-down; 0 where none is in force. */
  readonly coolDownSeconds: number;
}

const services: readonly Service[] = ['archive', 'musicbrainz'];

/** One row a service, also for one that was never asked. */
async function readBudgetFigures(q: Queryable): Promise<readonly BudgetFigures[]> {
  // Of one reading of the clock: two of them differ, and less than nothing is left then.
  const left = (until: string): string => `greatest(extract(epoch from ${until} - clock_timestamp()), 0)::float8`;
  const { rows } = await q.query<BudgetFigures>(
    `select service, ${left('next_free_at')} as "bookedSeconds",
       ${left('cool_down_until')} as "coolDownSeconds"
     from artwork_reconciler.budget`,
  );
  return services.map(
    (service) => rows.find((row) => row.service === service) ?? { service, bookedSeconds: 0, coolDownSeconds: 0 },
  );
}

/** How the audit entities stand. */
interface EntityFigures {
  readonly byStatus: Readonly<Record<AuditStatus, number>>;
  /** Of the unchecked ones: those that may be audited now. */
  readonly due: number;
  readonly openReviews: number;
  /** Of the open reviews: those with something that came back after a person had called it resolved. */
  readonly regressedReviews: number;
}

const entities = (condition: string): string => `from artwork_reconciler.audit_entity where ${condition}`;

/**
 * Strategy: each count goes by one of the partial indexes of migration 0005, no further than 10,000 rows; beyond that the
 * planner's estimate by status, which it knows well, there being only six.
 */
export async function readEntityFigures(q: Queryable): Promise<EntityFigures> {
  const due = await countOrEstimate(q, entities(`status = 'unchecked' and due_at is null`));
  const waiting = await countOrEstimate(q, entities(`status = 'unchecked' and due_at is not null`));
  const { clean, legacy } = await readFinal(q);
  return {
    byStatus: {
      unchecked: await sumOf(q, due, waiting),
      audit_in_progress: (await countOrEstimate(q, entities(`status = 'audit_in_progress'`))).count,
      clean,
      manual_review: (await countOrEstimate(q, entities(`status = 'manual_review'`))).count,
      repair_queue: (await countOrEstimate(q, entities(`status = 'repair_queue'`))).count,
      legacy,
    },
    due: due.count,
    openReviews: (await countOrEstimate(q, openReviews)).count,
    regressedReviews: await countUpTo(q, `${openReviews} and regressed`, mostRegressed),
  };
}

const mostRegressed = 10_000;

/** Two estimates of parts of one status may add up to more than the estimate of the whole, which is the better one. */
async function sumOf(q: Queryable, due: Count, waiting: Count): Promise<number> {
  if (!due.isEstimate && !waiting.isEstimate) return due.count + waiting.count;
  return Math.max(due.count, waiting.count, await estimateRows(q, entities(`status = 'unchecked'`)));
}

/** Those two share an index: to count one of few among millions of the other would read all of it. */
async function readFinal(q: Queryable): Promise<{ readonly clean: number; readonly legacy: number }> {
  const all = await countOrEstimate(q, entities(`status in ('clean', 'legacy')`));
  if (all.isEstimate) {
    return {
      clean: await estimateRows(q, entities(`status = 'clean'`)),
      legacy: await estimateRows(q, entities(`status = 'legacy'`)),
    };
  }
  const { rows } = await q.query<{ clean: number }>(
    `select count(*) filter (where status = 'clean')::int as clean ${entities(`status in ('clean', 'legacy')`)}`,
  );
  const clean = rows[0]?.clean ?? 0;
  return { clean, legacy: Math.max(0, all.count - clean) };
}

/** How the queue of indexer events stands. */
interface EventFigures {
  readonly byState: Readonly<Record<EventState, Count>>;
  /** Failed for good, and not dismissed by a person; counted up to 10,000. */
  readonly failedNotDismissed: number;
  /** Seconds; null where no event is due. */
  readonly oldestDueSeconds: number | null;
  /** Seconds since the oldest queued event was created, whatever it waits for; null where none is queued. */
  readonly oldestQueuedSeconds: number | null;
}

const mostFailed = 10_000;

async function readEventFigures(q: Queryable, settings: EventSettings): Promise<EventFigures> {
  const oldestDue = await readOldestDueEvent(q, settings);
  const { rows } = await q.query<{ seconds: number | null }>(
    // One that is made for later is no seconds old.
    `select greatest(0, extract(epoch from statement_timestamp() - min(created)))::float8 as seconds
     from artwork_indexer.event_queue where state = 'queued' having count(*) > 0`,
  );
  return {
    byState: {
      queued: await inState(q, 'queued'),
      running: await inState(q, 'running'),
      completed: await inState(q, 'completed'),
      failed: await inState(q, 'failed'),
    },
    failedNotDismissed: await countUpTo(
      q,
      `from artwork_indexer.event_queue e where e.state = 'failed' and not ${isDismissed}`,
      mostFailed,
    ),
    oldestDueSeconds: oldestDue?.dueForSeconds ?? null,
    oldestQueuedSeconds: rows[0]?.seconds ?? null,
  };
}

function inState(q: Queryable, state: EventState): Promise<Count> {
  return countOrEstimate(q, `from artwork_indexer.event_queue where state = '${state}'`);
}

/** Rows that are said to be worked on, where the rows themselves show that nobody does. Housekeeping releases them. */
interface UnclaimedRows {
  /** Running without a claim of ours, for longer than `[events] foreign_running_minutes`. */
  readonly events: number;
  /** In progress without a workflow, and without a shell that renews its claim. */
  readonly audits: number;
}

const most = 10_000;

async function readUnclaimedRows(q: Queryable, { events }: EventSettings): Promise<UnclaimedRows> {
  const { rows } = await q.query<{ count: number }>(
    sql`select count(*)::int as count
     from (select from artwork_indexer.event_queue e where ${leftRunning('e', events.foreignRunningMinutes)} limit ${most}) left_running`,
  );
  return {
    events: rows[0]?.count ?? 0,
    audits: await countUpTo(q, `from artwork_reconciler.audit_entity where ${lapsed}`, most),
  };
}

/** How audits over time stand. */
interface PaceFigures {
  readonly pace: Pace;
  /** Of entity types that have one of their own. */
  readonly ownPaces: readonly OwnPace[];
  readonly fullPass: FullPass;
  /** All audits that the pacer ever started. */
  readonly started: number;
  /** Seconds since 1970, by the pacer's clock; null before its first tick. */
  readonly lastTickAt: number | null;
}

async function readPaceFigures(q: Queryable, config: Pick<Config, 'audit'>): Promise<PaceFigures> {
  const pace = await readPace(q, config);
  const ownPaces = await readOwnPaces(q);
  const { rows } = await q.query<Pick<PaceFigures, 'lastTickAt' | 'started'>>(
    `select started, extract(epoch from last_tick_at)::float8 as "lastTickAt" from artwork_reconciler.pace`,
  );
  return {
    pace,
    ownPaces,
    fullPass: await readFullPass(q, pace.perHour, ownPaces),
    started: rows[0]?.started ?? 0,
    lastTickAt: rows[0]?.lastTickAt ?? null,
  };
}

/** How everything stands, by the rows of the database. */
export interface Figures {
  readonly events: EventFigures;
  readonly entities: EntityFigures;
  readonly unclaimed: UnclaimedRows;
  readonly pace: PaceFigures;
  readonly budgets: readonly BudgetFigures[];
  /** Those that are on. */
  readonly brakes: readonly Brake[];
  readonly mode: ModeInForce;
  /** In what the workers that run differ. */
  readonly differences: readonly SettingDifference[];
}

/**
 * Reads them all, at a cost that doesn't grow with the tables: counts go by an index and end at 10,000, where the
 * planner's estimate takes over. No statement may take longer than `timeoutSeconds`.
 */
export async function readFigures(
  db: Database,
  config: Pick<Config, 'audit' | 'events'>,
  timeoutSeconds: number,
): Promise<Figures> {
  return db.transaction(async (tx) => {
    // Statistics that are out of date must not make a count read millions of rows to find a few.
    await tx.query('set local enable_seqscan = off');
    return {
      events: await readEventFigures(tx, config),
      entities: await readEntityFigures(tx),
      unclaimed: await readUnclaimedRows(tx, config),
      pace: await readPaceFigures(tx, config),
      budgets: await readBudgetFigures(tx),
      brakes: await readBrakes(tx, config),
      mode: await readMode(tx, config.audit),
      differences: differingSettings(await readWorkers(tx)),
    };
  }, limitsOfReading(timeoutSeconds));
}
