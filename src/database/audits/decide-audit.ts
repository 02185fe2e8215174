import type { Config } from '../../config/config.ts';
import type { Decision } from '../../domain/decision/decision.ts';
import { noteCanaryAudit, takeFromCanary } from '../pace/canary.ts';
import type { Database, Transaction } from '../connection.ts';
import { transactionWithRetry } from '../locks.ts';
import { type Mode, readMode } from '../pace/mode.ts';
import { readReviewState } from './decision-basis.ts';
import { applyDecision, type DecideAnswer, type DecideAudit } from '../entities/apply-decision.ts';
import { type HeldEntity, lockClaim } from '../entities/claims.ts';

/**
 * Makes an audit's decision come true, in one transaction: history, status, time of the audit, review, and the repair
 * events; a crash leaves all of it or nothing.
 *
 * The entity's row is locked first and what the decision rests on is read after that: of two decisions about an entity the second
 * finds the claim gone, and a change in MusicBrainz that was committed before is seen. (What is committed between this
 * reading and our own commit is not; for that there is the guard at delete time.)
 *
 * Repeated by the same run it changes nothing and gives the first answer again.
 *
 * @throws {RangeError} where the decision is `not_now`, or is to repair without a repair: nothing was changed
 */
export async function decideAudit(
  db: Database,
  audit: DecideAudit,
  settings: Pick<Config['audit'], 'recheckDays'>,
): Promise<DecideAnswer> {
  // Events that end side by side, and triggers that queue the same, may be in the way.
  return transactionWithRetry(db, async (tx) => {
    const entity = await lockClaim(tx, audit);
    if (!entity) return (await decidedBefore(tx, audit)) ?? { kind: 'not_ours' };
    const { fingerprint, decision, review } = await audit.judge(tx);
    const { wontFixEvidence, hasOpenReview, mode } = review ?? (await readReviewState(tx, entity.id));
    if (audit.wontFixEvidence && !sameList(audit.wontFixEvidence, wontFixEvidence)) {
      return discard(tx, entity, `${audit.fingerprint}, let stand: ${audit.wontFixEvidence.join(' ')}`);
    }
    if (fingerprint !== audit.fingerprint) return discard(tx, entity, audit.fingerprint);
    if (decision === null) return { kind: 'undecided' };
    refuseImpossible(audit.entityId, decision);
    const byHand = audit.evenInReportMode === true;
    const isRepair = decision.decision === 'repair_queue' && (mode ?? audit.mode) === 'repair';
    const counted = isRepair && !byHand ? await countForCanary(tx, audit) : null;
    const answer = await applyDecision(
      tx,
      { ...entity, hasOpenReview },
      { ...audit, decision, mode: byHand ? 'repair' : (counted?.mode ?? mode ?? audit.mode) },
      settings,
    );
    if (counted?.canary != null && answer.kind === 'decided') await noteCanaryAudit(tx, counted.canary, answer.auditId);
    return answer;
  });
}

/**
 * Counts repairs of an entity for the canary that is open. Where it had to wait for another decision, that may have been
 * the last one of a canary, and the mode is another one by now.
 */
async function countForCanary(
  tx: Transaction,
  audit: DecideAudit,
): Promise<{ readonly canary: number | null; readonly mode: Mode }> {
  const canary = await takeFromCanary(tx);
  return { canary, mode: canary === null ? (await readMode(tx, audit)).mode : 'repair' };
}

function refuseImpossible(entityId: number, { decision, repairs }: Decision): void {
  if (decision === 'not_now') throw new RangeError('not_now decides nothing: release the entity instead');
  if (decision === 'repair_queue' && repairs.length === 0) {
    throw new RangeError(`entity ${entityId} is to be repaired, but no repair is given: expected one at least`);
  }
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && [...one].sort().every((each, n) => each === other[n]);
}

/** The same reading thrown away again is the same step repeated, and counts once. */
async function discard(tx: Transaction, entity: HeldEntity, fingerprint: string): Promise<DecideAnswer> {
  const { rows } = await tx.query<{ discards: number }>(
    `update artwork_reconciler.audit_entity
     set discards = discards + case when discarded_fingerprint is distinct from $2 then 1 else 0 end,
         discarded_fingerprint = $2
     where id = $1
     returning discards`,
    [entity.id, fingerprint],
  );
  return { kind: 'stale', discards: rows[0]?.discards ?? 1 };
}

async function decidedBefore(tx: Transaction, audit: DecideAudit): Promise<DecideAnswer | undefined> {
  const { rows } = await tx.query<{ id: number; status: string; eventIds: number[] }>(
    `select audit.id,
            case when audit.decision = 'repair_queue' and audit.mode = 'report' then 'unchecked'
                 else audit.decision::text end as status,
            array(select repair.event_id from artwork_reconciler.audit_repair repair
                  where repair.audit_id = audit.id and repair.event_id is not null
                  order by repair.position) as "eventIds"
     from artwork_reconciler.audit
     where audit.audit_entity_id = $1 and audit.run_id = $2 and audit.decision <> 'not_now'
     order by audit.id desc
     limit 1`,
    [audit.entityId, audit.runId],
  );
  const [row] = rows;
  return row && { kind: 'decided', status: row.status, auditId: row.id, eventIds: row.eventIds };
}
