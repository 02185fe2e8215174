import type { Config } from '../../config/config.ts';
import type { Decision } from '../../domain/decision/decision.ts';
import { isRepair } from '../../domain/checks/finding.ts';
import { priorities } from '../../domain/priorities.ts';
import type { Transaction } from '../connection.ts';
import { insertRepairs } from '../event-states/insert-repairs.ts';
import type { DecideAnswer, DecidedAudit } from '../entities/decide-audit.ts';
import type { HeldEntity } from './lock-claim.ts';
import { partAsReason } from './review-reason.ts';
import { closeOrKeepReview, replaceReview } from '../entities/write-review.ts';
import { writeAudit, writeAuditRepairs } from '../entities/write-audit.ts';
import { writeStandingFindings } from './write-standing-findings.ts';

/** Writes all that a decision leads to. The caller holds the row's lock and has found the fingerprint unchanged. */
export async function applyDecision(
  tx: Transaction,
  entity: HeldEntity & { readonly hasOpenReview: boolean },
  audit: DecidedAudit,
  settings: Pick<Config['audit'], 'recheckDays'>,
): Promise<DecideAnswer> {
  const auditId = await writeAudit(tx, {
    ...audit,
    askedBy: entity.claimed_by,
    workflowId: entity.claim_workflow_id,
    decision: audit.decision.decision,
    cause: null,
    reason: null,
    counted: null,
    findings: audit.decision.findings,
  });
  await writeStandingFindings(tx, entity.id, audit.decision.findings);
  const { decision } = audit.decision;
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
    await setDecided(tx, entity.id, decision);
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
  claim_workflow_id = null, claim_run_id = null, claimed_at = null,
  claimed_by = null, claim_batch = null, claim_expires_at = null,
  returns = 0, return_reasons = null, discards = 0, discarded_fingerprint = null`;

/** Repairs in a row end with a clean audit; why not with a review: see `makeManualReview`. */
async function setDecided(
  tx: Transaction,
  entityId: number,
  status: 'clean' | 'legacy' | 'manual_review' | 'not_now',
): Promise<void> {
  await tx.query(
    `update artwork_reconciler.audit_entity
     set status = $2::artwork_reconciler.audit_entity_status,
         priority = $3, due_at = null, due_cause = null, repair_audit_id = null,
         repairs = case when $2 = 'manual_review' then repairs else 0 end,
         repaired_checks = case when $2 = 'manual_review' then repaired_checks end,
         ${ended}
     where id = $1`,
    [entityId, status, priorities.usual],
  );
}

/** Nothing was queued, so the repairs in a row stay what they were. Switching to repair mode clears the due time. */
async function setReported(tx: Transaction, entityId: number, recheckDays: number): Promise<void> {
  await tx.query(
    `update artwork_reconciler.audit_entity
     set status = 'unchecked', due_at = now() + make_interval(secs => $2), due_cause = 'report_mode',
         repair_audit_id = null,
         ${ended}
     where id = $1`,
    [entityId, recheckDays * 86_400],
  );
}

async function setRepairing(tx: Transaction, entity: HeldEntity, auditId: number, decision: Decision): Promise<void> {
  const before = entity.repaired_checks ?? {};
  // A check that finds nothing to mend this time is out of the row.
  const repaired = decision.findings
    .filter(({ policy }) => isRepair(policy))
    .map(({ check }) => [check, (before[check] ?? 0) + 1] as const);
  await tx.query(
    `update artwork_reconciler.audit_entity
     set status = 'repair_queue', due_at = null, due_cause = null,
         repairs = repairs + 1, repaired_checks = $2, repair_audit_id = $3,
         ${ended}
     where id = $1`,
    [entity.id, JSON.stringify(Object.fromEntries(repaired)), auditId],
  );
}
