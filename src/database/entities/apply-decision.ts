import sql, { raw, type Sql } from 'sql-template-tag';
import type { Identity } from '../../domain/entity.ts';
import type { RequestCounts } from '../../domain/queue/request-count.ts';
import type { Config } from '../../config/config.ts';
import { isRepair } from '../../domain/checks/finding.ts';
import type { Decision } from '../../domain/decision/decision.ts';
import { partAsReason } from '../../domain/decision/review-reason.ts';
import { priorities } from '../../domain/priorities.ts';
import type { Transaction } from '../connection.ts';
import { insertRepairs } from '../queue/queue-event.ts';
import { clear, type HeldEntity } from './claims.ts';
import { type AuditRecord, insertAudit, numberOf, writeAuditRepairs } from './write-audit.ts';
import { closeOrKeepReview, replaceReview, type ReviewState } from './write-review.ts';

/** What is decided on the basis as it is now. */
interface Judged {
  readonly fingerprint: string;
  /** Any but `not_now`, for which there is `releaseEntity`; null where there is none to be made yet. */
  readonly decision: Decision | null;
  /** Where it was read along; it is read after this otherwise. */
  readonly review?: ReviewState;
}

export interface DecideAudit {
  readonly entityId: number;
  /** The run that has claimed it. */
  readonly runId: string;
  readonly identity: Identity;
  /** Of what the decision rests on, as it was read. */
  readonly fingerprint: string;
  /** Reads all of it again, in this transaction, and decides on it. */
  readonly judge: (tx: Transaction) => Promise<Judged>;
  /** As `beginAudit` gave it, and as the decision was made with: a person's word in between makes it stale. */
  readonly wontFixEvidence?: readonly string[];
  readonly startedAt: Date;
  readonly requests: RequestCounts;
  /** The configuration's, which counts until the database has one. In report mode nothing is queued. */
  readonly mode: Config['audit']['mode'];
  /** A person has repairs of this entity queued by hand, whatever the mode; of a canary it is no part. */
  readonly evenInReportMode?: boolean;
}

/** An audit with its decision. */
export interface DecidedAudit extends Omit<DecideAudit, 'judge' | 'wontFixEvidence'> {
  readonly decision: Decision;
}

export type DecideAnswer =
  | {
      readonly kind: 'decided';
      readonly status: string;
      readonly auditId: number;
      /** The events queued, or found queued, for each repair; empty where none was ordered. */
      readonly eventIds: readonly number[];
    }
  | {
      /** What the decision rested on has changed: it was thrown away, and the audit is to be repeated. */
      readonly kind: 'stale';
      /** Decisions of this audit thrown away consecutively, this one included. */
      readonly discards: number;
    }
  | { readonly kind: 'not_ours' }
  /** `judge` made no decision, on an unchanged basis: nothing was written. */
  | { readonly kind: 'undecided' };

/** Writes all that a decision leads to. The caller holds the row's lock and has found the fingerprint unchanged. */
export async function applyDecision(
  tx: Transaction,
  entity: HeldEntity & { readonly hasOpenReview: boolean },
  audit: DecidedAudit,
  settings: Pick<Config['audit'], 'recheckDays'>,
): Promise<DecideAnswer> {
  const { decision } = audit.decision;
  const auditId = await writeDecided(
    tx,
    {
      ...audit,
      askedBy: entity.claimedBy,
      workflowId: entity.claimWorkflowId,
      decision,
      cause: null,
      reason: null,
      counted: null,
      findings: audit.decision.findings,
    },
    decision === 'repair_queue' ? keepAsItIs : setDecided(entity.id, decision),
  );
  if (decision === 'manual_review') {
    await replaceReview(tx, entity.id, audit.decision.reviewReasons, auditId);
  } else if (entity.hasOpenReview) {
    // Besides what waits until nothing is left to repair: what a person was asked about because repairs didn't take.
    const standing = audit.decision.findings.flatMap((finding) =>
      finding.parts.filter(({ policy }) => policy !== 'report').map((part) => partAsReason(finding, part)),
    );
    await closeOrKeepReview(tx, entity.id, auditId, standing);
  }
  if (decision !== 'repair_queue') {
    return { kind: 'decided', status: decision, auditId, eventIds: [] };
  }
  if (audit.mode === 'report') {
    await writeAuditRepairs(tx, auditId, audit.decision.repairs, null);
    await setReported(tx, entity.id, settings.recheckDays);
    return { kind: 'decided', status: 'unchecked', auditId, eventIds: [] };
  }
  const { eventIds } = await insertRepairs(tx, audit.decision.repairs);
  await writeAuditRepairs(tx, auditId, audit.decision.repairs, eventIds);
  await setRepairing(tx, entity, auditId, audit.decision);
  return { kind: 'decided', status: decision, auditId, eventIds };
}

/** What every decision ends: claim, returns, discards. */
const ended = `
  last_audit_at = now(),
  ${clear('claim', 'returns', 'discards')}`;

/**
 * Writes the audit, of which checks it has findings, instead of what an earlier one had, and what the entity becomes: in one
 * statement, as this is what every audit ends with. What stands already is left alone: most audits find again what the one
 * before found, and write nothing.
 *
 * The caller holds the entity's row lock.
 *
 * @param entityUpdate what becomes of the entity's row, where that doesn't depend on the audit's number
 * @returns the audit's number
 */
async function writeDecided(tx: Transaction, audit: AuditRecord, entityUpdate: Sql): Promise<number> {
  const checks = [...new Set(audit.findings.map(({ check }) => check))];
  const { rows } = await tx.query<{ id: number }>(
    sql`with audit as (${insertAudit(audit)}),
     gone as (
       delete from artwork_reconciler.standing_finding
       where audit_entity_id = ${audit.entityId} and not check_name = any (${checks}::text[])
     ),
     -- What was handed over, and is found no more.
     seen_to as (
       delete from artwork_reconciler.hand_over
       where audit_entity_id = ${audit.entityId} and not checks && ${checks}::text[]
     ),
     standing as (
       insert into artwork_reconciler.standing_finding (audit_entity_id, check_name)
       select ${audit.entityId}, check_name from unnest(${checks}::text[]) check_name
       on conflict do nothing
     ),
     entity as (${entityUpdate})
     select id from audit`,
  );
  return numberOf(audit, rows);
}

/** Repairs are written first, and their events queued. */
const keepAsItIs = sql`select`;

/** Consecutive repairs end with a clean audit; why not with a review: see `makeManualReview`. */
function setDecided(entityId: number, status: 'clean' | 'legacy' | 'manual_review' | 'not_now'): Sql {
  return sql`
    update artwork_reconciler.audit_entity
    set status = ${status}::artwork_reconciler.audit_entity_status,
        priority = ${priorities.usual}, ${raw(clear('due', 'waiting'))},
        repairs = case when ${status}::text = 'manual_review' then repairs else 0 end,
        repaired_checks = case when ${status}::text = 'manual_review' then repaired_checks end,
        ${raw(ended)}
    where id = ${entityId}`;
}

/** Nothing was queued, so the consecutive repairs stay what they were. Switching to repair mode clears the due time. */
async function setReported(tx: Transaction, entityId: number, recheckDays: number): Promise<void> {
  await tx.query(
    `update artwork_reconciler.audit_entity
     set status = 'unchecked', due_at = now() + make_interval(secs => $2), due_cause = 'report_mode',
         ${clear('waiting')},
         ${ended}
     where id = $1`,
    [entityId, recheckDays * 86_400],
  );
}

async function setRepairing(tx: Transaction, entity: HeldEntity, auditId: number, decision: Decision): Promise<void> {
  const before = entity.repairedChecks ?? {};
  // A check that finds nothing to mend this time is out of the row.
  const repaired = decision.findings
    .filter(({ policy }) => isRepair(policy))
    .map(({ check }) => [check, (before[check] ?? 0) + 1] as const);
  await tx.query(
    `update artwork_reconciler.audit_entity
     set status = 'repair_queue', ${clear('due')},
         repairs = repairs + 1, repaired_checks = $2, repair_audit_id = $3,
         ${ended}
     where id = $1`,
    [entity.id, JSON.stringify(Object.fromEntries(repaired)), auditId],
  );
}
