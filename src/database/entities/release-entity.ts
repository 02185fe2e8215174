import type { ReturnCause } from '../../audit/steps.ts';
import type { Finding } from '../../domain/checks/finding.ts';
import type { EntityType, Identity } from '../../domain/entity.ts';
import type { RequestCounts } from '../../domain/queue/request-count.ts';
import type { Database, Transaction } from '../connection.ts';
import { transactionWithRetry } from '../locks.ts';
import { readEventsNaming } from '../queue/events-naming.ts';
import { clear, type HeldEntity, lockClaim } from './claims.ts';
import { makeUnchecked } from './make-due.ts';
import { returnRules, type ReturnSettings } from './return-causes.ts';
import { writeAudit } from './write-audit.ts';
import { addToReview, makeManualReview } from './write-review.ts';

/**
 * Makes the row of an MBID that was listed as the other kind of entity the row of what it is, to be audited now. Where it
 * has a row of its own, the wrong one goes, and the history of the right one says so.
 *
 * The caller holds the wrong row's lock.
 *
 * @param auditId the audit that found it, already written
 */
async function correctKind(
  tx: Transaction,
  wrong: Pick<HeldEntity, 'gid' | 'id'>,
  entityType: EntityType,
  auditId: number,
): Promise<void> {
  const { rows } = await tx.query<{ id: number }>(
    `select id from artwork_reconciler.audit_entity where entity_type = $1 and gid = $2 for update`,
    [entityType, wrong.gid],
  );
  const [right] = rows;
  if (right === undefined) {
    await tx.query(
      `update artwork_reconciler.audit_entity
       set entity_type = $2, ${clear('repairs', 'returns')}
       where id = $1`,
      [wrong.id, entityType],
    );
    return makeUnchecked(tx, wrong.id, { waitSeconds: null, cause: null });
  }
  await tx.query(`update artwork_reconciler.audit set audit_entity_id = $2 where id = $1`, [auditId, right.id]);
  await tx.query(
    `update artwork_reconciler.audit_entity entity set priority = greatest(entity.priority, wrong.priority)
     from artwork_reconciler.audit_entity wrong where entity.id = $1 and wrong.id = $2`,
    [right.id, wrong.id],
  );
  await tx.query(`delete from artwork_reconciler.audit_entity where id = $1`, [wrong.id]);
}

interface Release {
  readonly entityId: number;
  /** The run that has claimed it; null for a claim of the pacer's that no run took over. */
  readonly runId: string | null;
  readonly cause: ReturnCause;
  /** In words, for the history and, after too many, for the review. */
  readonly reason: string;
  /** Seconds until it is due, where the caller knows better than the cause's rule (a cool-down's end). */
  readonly waitSeconds?: number;
  /** What the entity is, where it was listed as the other kind: its row is corrected, or goes where the right one is. */
  readonly entityType?: EntityType;
  readonly identity?: Identity;
  readonly findings?: readonly Finding[];
  readonly requests?: RequestCounts;
}

type ReleaseAnswer =
  { readonly kind: 'given_back'; readonly status: string; readonly dueAt: Date | null } | { readonly kind: 'not_ours' };

/**
 * Ends an audit without a decision: the entity is `unchecked` again and due as the cause says; or, at the
 * `max_returns`-th consecutive return that counts, it goes to a person, who sees all the reasons. History, status and
 * review are one transaction.
 *
 * Repeated by the same run it changes nothing and answers with what the entity has become.
 */
export async function releaseEntity(db: Database, back: Release, settings: ReturnSettings): Promise<ReleaseAnswer> {
  // The row of the right kind may be added meanwhile.
  return transactionWithRetry(db, async (tx) => {
    const entity = await lockClaim(tx, back);
    if (entity) await releaseHeld(tx, entity, back, settings);
    else if (!(await releasedBefore(tx, back))) return { kind: 'not_ours' };
    const { rows } = await tx.query<{ status: string; dueAt: Date | null }>(
      `select status::text, due_at as "dueAt" from artwork_reconciler.audit_entity where id = $1`,
      [back.entityId],
    );
    const [row] = rows;
    // The wrong row of two for one MBID is gone.
    return { kind: 'given_back', status: row?.status ?? 'unchecked', dueAt: row?.dueAt ?? null };
  });
}

/** The same for a row that the caller has locked. */
export async function releaseHeld(
  tx: Transaction,
  entity: HeldEntity,
  back: Omit<Release, 'entityId' | 'runId'>,
  settings: ReturnSettings,
): Promise<void> {
  const rule = returnRules[back.cause];
  const auditId = await writeAudit(tx, {
    entityId: entity.id,
    askedBy: entity.claimedBy,
    workflowId: entity.claimWorkflowId,
    runId: entity.claimRunId,
    identity: back.identity ?? null,
    decision: 'not_now',
    cause: back.cause,
    reason: back.reason,
    counted: rule.counts,
    mode: null,
    fingerprint: null,
    findings: back.findings ?? [],
    requests: back.requests ?? {},
    startedAt: entity.claimedAt,
  });
  if (back.entityType !== undefined) return correctKind(tx, entity, back.entityType, auditId);
  const reasons = rule.counts ? [...(entity.returnReasons ?? []), back.reason] : (entity.returnReasons ?? []);
  if (rule.counts && reasons.length >= settings.maxReturns) {
    await addToReview(tx, entity.id, [couldNotBeJudged(reasons)], auditId);
    await makeManualReview(tx, entity.id);
    return;
  }
  await tx.query(`update artwork_reconciler.audit_entity set returns = $2, return_reasons = $3 where id = $1`, [
    entity.id,
    reasons.length,
    reasons.length > 0 ? reasons : null,
  ]);
  await makeUnchecked(tx, entity.id, {
    waitSeconds: await waitSeconds(tx, entity, back, settings),
    cause: rule.dueCause,
  });
}

async function waitSeconds(
  tx: Transaction,
  entity: HeldEntity,
  back: Pick<Release, 'cause' | 'waitSeconds'>,
  settings: ReturnSettings,
): Promise<number | null> {
  if (back.cause === 'pending_events') {
    // The last of them may have ended since the audit looked; its end found the entity in progress and left it alone.
    const { open } = await readEventsNaming(tx, entity.entityType, entity.gid);
    if (open.length === 0) return null;
  }
  return back.waitSeconds ?? returnRules[back.cause].waitSeconds(settings);
}

function couldNotBeJudged(reasons: readonly string[]): Parameters<typeof addToReview>[2][number] {
  return {
    check: null,
    reason: `could not be judged, ${reasons.length} consecutive times: ${[...new Set(reasons)].join('; ')}`,
    count: reasons.length,
    evidence: null,
    examples: [],
  };
}

async function releasedBefore(tx: Transaction, { entityId, runId }: Release): Promise<boolean> {
  if (runId === null) return false;
  const { rows } = await tx.query(
    `select from artwork_reconciler.audit
     where audit_entity_id = $1 and run_id = $2 and decision = 'not_now'
     limit 1`,
    [entityId, runId],
  );
  return rows.length > 0;
}
