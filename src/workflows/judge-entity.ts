import type { AuditResult, BegunStep, GiveBackAudit } from '../activities/audit-results.ts';
import type { AuditSteps } from '../activities/audit-steps.ts';
import type { EntityKey } from '../domain/entity.ts';
import { addCounts } from '../domain/queue/request-count.ts';
import type { AuditProxies } from './audit-proxies.ts';
import { type Gathered, gatherEvidence } from './gather-evidence.ts';

export type Begun = Extract<BegunStep, { kind: 'begun' }>;

/** What came of one look at everything. */
export type Round =
  | { readonly kind: 'ended'; readonly result: AuditResult }
  /** It can't be judged now, and this audit is not to wait for it. */
  | { readonly kind: 'give_back'; readonly back: GiveBackAudit }
  /** What the decision rests on has changed: the audit starts over. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'wait'; readonly seconds: number; readonly reason: string };

export interface JudgingSteps extends AuditProxies {
  readonly decideAudit: AuditSteps['decideAudit'];
}

/**
 * One look at everything, and the decision, where there can be one. The order of the steps, for the workflow and for a
 * shell alike.
 */
export async function judgeEntity(
  steps: JudgingSteps,
  key: EntityKey,
  begun: Pick<Begun, 'entityId' | 'past' | 'startedAt'>,
): Promise<Round> {
  const gathered = await gatherEvidence(steps, key, begun.entityId);
  if (gathered.kind === 'wait') return gathered;
  if (gathered.kind === 'pending_events') {
    return { kind: 'give_back', back: { cause: 'pending_events', reason: gathered.reason } };
  }
  if (gathered.kind === 'other_kind') {
    const { entityType, reason } = gathered;
    const back =
      entityType === null ? { cause: 'kind_disputed' as const } : { cause: 'other_kind' as const, entityType };
    return { kind: 'give_back', back: { ...back, reason } };
  }
  return decide(steps, key, begun, gathered);
}

/** A decision other than clean is made only when the archive has nothing left to apply to the item. */
async function decide(
  { archive, decideAudit }: JudgingSteps,
  key: EntityKey,
  { entityId, past, startedAt }: Pick<Begun, 'entityId' | 'past' | 'startedAt'>,
  { evidence, settleSeconds }: Extract<Gathered, { kind: 'gathered' }>,
): Promise<Round> {
  const about = { entityId, past, startedAt };
  const judgement = await decideAudit(key, about, evidence);
  if (judgement.kind === 'decided') return { kind: 'ended', result: judgement.result };
  if (judgement.kind === 'stale') return judgement;
  const { tasks, requests } = await archive.askTasks(key);
  if (tasks !== null && tasks > 0) {
    return { kind: 'wait', seconds: settleSeconds, reason: `the archive has ${tasks} tasks outstanding for the item` };
  }
  const settled = { ...evidence, tasks, requests: addCounts(evidence.requests, requests) };
  const final = await decideAudit(key, about, settled);
  return final.kind === 'decided' ? { kind: 'ended', result: final.result } : { kind: 'stale' };
}
