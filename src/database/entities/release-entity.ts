import type { EntityType, Identity } from '../../domain/entity.ts';
import type { Finding } from '../../domain/checks/finding.ts';
import type { RequestCounts } from '../../domain/queue/request-count.ts';
import type { Database, Transaction } from '../connection.ts';
import { transactionWithRetry } from '../event-states/retry-on-conflict.ts';
import { readEventsNaming } from '../queue/events-naming.ts';
import { correctKind } from '../entity-states/correct-kind.ts';
import { type HeldEntity, lockClaim } from '../entity-states/lock-claim.ts';
import { makeManualReview } from '../entity-states/make-manual-review.ts';
import { makeUnchecked } from '../entity-states/make-unchecked.ts';
import { type ReturnCause, returnRules, type ReturnSettings } from './return-causes.ts';
import { addToReview } from './write-review.ts';
import { writeAudit } from './write-audit.ts';

export interface GiveBack {
  readonly entityId: number;
  /** The run that has it in hand; null for a claim of the pacer's that no run took over. */
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

export type GiveBackAnswer =
  { readonly kind: 'given_back'; readonly status: string; readonly dueAt: Date | null } | { readonly kind: 'not_ours' };

/**
 * Ends an audit without a decision: the entity is `unchecked` again and due as the cause says; or, at the
 * `max_returns`-th return in a row that counts, it goes to a person, who sees all the reasons. History, status and
 * review are one transaction.
 *
 * Repeated by the same run it changes nothing and answers with what the entity has become.
 */
export async function giveBackEntity(db: Database, back: GiveBack, settings: ReturnSettings): Promise<GiveBackAnswer> {
  // The row of the right kind may be added meanwhile.
  return transactionWithRetry(db, async (tx) => {
    const entity = await lockClaim(tx, back);
    if (entity) await giveBackHeld(tx, entity, back, settings);
    else if (!(await gaveBackBefore(tx, back))) return { kind: 'not_ours' };
    const { rows } = await tx.query<{ status: string; due_at: Date | null }>(
      `select status::text, due_at from artwork_reconciler.audit_entity where id = $1`,
      [back.entityId],
    );
    const [row] = rows;
    // The wrong row of two for one MBID is gone.
    return { kind: 'given_back', status: row?.status ?? 'unchecked', dueAt: row?.due_at ?? null };
  });
}

/** The same for a row that the caller has locked. */
export async function giveBackHeld(
  tx: Transaction,
  entity: HeldEntity,
  back: Omit<GiveBack, 'entityId' | 'runId'>,
  settings: ReturnSettings,
): Promise<void> {
  const rule = returnRules[back.cause];
  const auditId = await writeAudit(tx, {
    entityId: entity.id,
    askedBy: entity.claimed_by,
    workflowId: entity.claim_workflow_id,
    runId: entity.claim_run_id,
    identity: back.identity ?? null,
    decision: 'not_now',
    cause: back.cause,
    reason: back.reason,
    counted: rule.counts,
    mode: null,
    fingerprint: null,
    findings: back.findings ?? [],
    requests: back.requests ?? {},
    startedAt: entity.claimed_at,
  });
  if (back.entityType !== undefined) return correctKind(tx, entity, back.entityType, auditId);
  const reasons = rule.counts ? [...(entity.return_reasons ?? []), back.reason] : (entity.return_reasons ?? []);
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
  back: Pick<GiveBack, 'cause' | 'waitSeconds'>,
  settings: ReturnSettings,
): Promise<number | null> {
  if (back.cause === 'pending_events') {
    // The last of them may have ended since the audit looked; its end found the entity in progress and left it alone.
    const { open } = await readEventsNaming(tx, entity.entity_type, entity.gid);
    if (open.length === 0) return null;
  }
  return back.waitSeconds ?? returnRules[back.cause].waitSeconds(settings);
}

function couldNotBeJudged(reasons: readonly string[]): Parameters<typeof addToReview>[2][number] {
  return {
    check: null,
    reason: `could not be judged, ${reasons.length} times in a row: ${[...new Set(reasons)].join('; ')}`,
    count: reasons.length,
    evidence: null,
    examples: [],
  };
}

async function gaveBackBefore(tx: Transaction, { entityId, runId }: GiveBack): Promise<boolean> {
  if (runId === null) return false;
  const { rows } = await tx.query(
    `select from artwork_reconciler.audit
     where audit_entity_id = $1 and run_id = $2 and decision = 'not_now'
     limit 1`,
    [entityId, runId],
  );
  return rows.length > 0;
}
