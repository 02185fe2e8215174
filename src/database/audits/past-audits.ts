import type { AuditPast } from '../../audit/steps.ts';
import type { Difference } from '../../domain/checks/finding.ts';
import type { Outcome } from '../../domain/decision/decision.ts';
import type { EntityKey } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';
import { countByStatus } from '../entities/count-by-status.ts';

/** Reads an entity's past without claiming it; empty for one that is not known. */
export async function readAuditPast(q: Queryable, { entityType, gid }: EntityKey): Promise<AuditPast> {
  const { rows } = await q.query<AuditPast>(
    `select coalesce(repaired_checks, '{}') as "repairedChecks",
            array(select evidence from artwork_reconciler.wont_fix_evidence
                  where audit_entity_id = entity.id order by evidence) as "wontFixEvidence"
     from artwork_reconciler.audit_entity entity
     where entity_type = $1 and gid = $2`,
    [entityType, gid],
  );
  return rows[0] ?? { repairedChecks: {}, wontFixEvidence: [] };
}

/**
 * Whether any audit came to a decision within the given minutes, by the database's clock: then what stopped another one is
 * no fault of everybody's.
 */
export async function anyAuditDecidedLately(q: Queryable, minutes: number): Promise<boolean> {
  const { rows } = await q.query<{ any: boolean }>(
    `select exists (
       select from artwork_reconciler.audit
       where decided_at > now() - make_interval(secs => $1) and decision <> 'not_now'
     ) as any`,
    [minutes * 60],
  );
  return rows[0]?.any ?? false;
}

/** How one run's audit of an entity went. */
export interface EndedAudit extends EntityKey {
  /** Its number. */
  readonly auditId: number;
  readonly decision: Outcome;
  /** What kind of obstacle there was; null where a decision was made. */
  readonly cause: string | null;
  readonly reason: string | null;
  /** The checks that found something. */
  readonly checks: readonly string[];
  readonly requests: Readonly<Record<string, number>>;
  /** What the entity has become. */
  readonly status: string;
  readonly milliseconds: number;
}

/** The audit that a run has recorded last of an entity, or null where it has recorded none. */
export async function readEndedAudit(
  q: Queryable,
  { entityId, runId }: { readonly entityId: number; readonly runId: string },
): Promise<EndedAudit | null> {
  const { rows } = await q.query<EndedAudit>(
    `select entity.entity_type as "entityType", entity.gid, entity.status::text, audit.id as "auditId",
       audit.decision::text, audit.cause, audit.reason, audit.requests,
       array(select finding->>'check' from jsonb_array_elements(audit.findings) as finding) as checks,
       round(extract(epoch from audit.decided_at - audit.started_at) * 1000)::int as milliseconds
     from artwork_reconciler.audit_entity entity
     join artwork_reconciler.audit audit on audit.audit_entity_id = entity.id
     where entity.id = $2 and audit.run_id = $1
     order by audit.id desc limit 1`,
    [runId, entityId],
  );
  return rows[0] ?? null;
}

/** A document of an entity's item, as it was compared. */
interface JudgedDocument {
  readonly fileName: string;
  /** Of the file at the archive. */
  readonly md5: string;
  /** A hash of all that the comparison rested on: the same gives the same differences. */
  readonly expectation: string;
  readonly differences: readonly Difference[];
}

/** What was judged before of an entity's documents: at most one judgement a file, the latest. */
export async function readJudgedDocuments(q: Queryable, entityId: number): Promise<readonly JudgedDocument[]> {
  const { rows } = await q.query<JudgedDocument>(
    `select file_name as "fileName", md5, expectation, differences
     from artwork_reconciler.judged_document
     where audit_entity_id = $1
     order by file_name`,
    [entityId],
  );
  return rows;
}

/**
 * Remembers a judgement instead of the file's former one, so that the same content under the same expectation need not
 * be downloaded again. Safe to repeat.
 */
export async function rememberJudgedDocument(q: Queryable, entityId: number, judged: JudgedDocument): Promise<void> {
  await q.query(
    `insert into artwork_reconciler.judged_document (audit_entity_id, file_name, md5, expectation, differences)
     values ($1, $2, $3, $4, $5)
     on conflict (audit_entity_id, file_name) do update
     set md5 = excluded.md5, expectation = excluded.expectation, differences = excluded.differences, judged_at = now()`,
    [entityId, judged.fileName, judged.md5, judged.expectation, JSON.stringify(judged.differences)],
  );
}

interface OutcomeSummary {
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
