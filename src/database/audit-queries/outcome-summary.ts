import type { Queryable } from '../connection.ts';
import { countByStatus } from './count-by-status.ts';

export interface OutcomeSummary {
  /** Entities that were decided about at least once. */
  readonly audited: number;
  readonly clean: number;
  /** Of the clean ones: mended first, and then seen to be mended. */
  readonly repaired: number;
  readonly manualReview: number;
  readonly legacy: number;
}

/** What has become of all entities. Reads the whole history: for the demo and for reports, not for a page. */
export async function summarizeOutcomes(q: Queryable): Promise<OutcomeSummary> {
  const counts = await countByStatus(q);
  const { rows } = await q.query<{ audited: number; repaired: number }>(
    `select count(*) filter (where last_audit_at is not null) as audited,
            count(*) filter (where status = 'clean' and exists (
              select from artwork_reconciler.audit
              where audit_entity_id = entity.id and decision = 'repair_queue' and mode = 'repair')) as repaired
     from artwork_reconciler.audit_entity entity`,
  );
  return {
    audited: rows[0]?.audited ?? 0,
    clean: counts.clean,
    repaired: rows[0]?.repaired ?? 0,
    manualReview: counts.manual_review,
    legacy: counts.legacy,
  };
}

/** The mean number of requests, by kind, of the audits that found their entity clean; empty where there is none. */
export async function requestsPerCleanAudit(q: Queryable): Promise<Readonly<Record<string, number>>> {
  const { rows } = await q.query<{ kind: string; mean: number }>(
    `with clean as (select requests from artwork_reconciler.audit where decision = 'clean')
     select request.key as kind, sum(request.value::numeric)::float8 / (select count(*) from clean) as mean
     from clean, jsonb_each_text(clean.requests) request
     group by request.key
     order by request.key`,
  );
  return Object.fromEntries(rows.map(({ kind, mean }) => [kind, mean]));
}
