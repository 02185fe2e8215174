import type { AuditStatus } from '../audit-queries/index.ts';
import type { Queryable } from '../connection.ts';
import { type Count, countOrEstimate, countUpTo, estimateRows } from '../lists/count-or-estimate.ts';

/** How the audit entities stand. */
export interface EntityFigures {
  readonly byStatus: Readonly<Record<AuditStatus, number>>;
  /** Of the unchecked ones: those that may be audited now. */
  readonly due: number;
  readonly openReviews: number;
  /** Of the open reviews: those with something that came back after a person had called it resolved. */
  readonly regressedReviews: number;
}

const entities = (condition: string): string => `from artwork_reconciler.audit_entity where ${condition}`;
const openReviews = `from artwork_reconciler.needs_manual_review where status = 'open'`;

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
