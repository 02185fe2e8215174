import { CancellationScope, isCancellation, sleep, upsertSearchAttributes } from '@temporalio/workflow';
import type { AuditInput, AuditResult, GiveBackAudit } from '../activities/audit-results.ts';
import { projects } from '../domain/project.ts';
import { searchAttributes } from '../search-attributes.ts';
import { auditProxies, auditSteps } from './audit-proxies.ts';
import { type Begun, judgeEntity, type Round } from './judge-entity.ts';
import { type StepFailure, stepFailure } from './failures.ts';

/**
 * Audits one entity: begins (claims it, sees whether this is the moment), observes the archive and asks the web service,
 * explains what differs, decides. Waits on durable timers while the item settles; gives the entity back where it can't
 * be judged now. The result is what came of it.
 */
export async function auditEntity(input: AuditInput): Promise<AuditResult> {
  let waitedSeconds = 0;
  for (;;) {
    const begun = await auditSteps.beginAudit(input);
    if (begun.kind === 'refused') return { outcome: 'refused', reason: begun.reason };
    const round = await judge(input, begun);
    if (round.kind === 'ended') return conclude(input, begun, round.result);
    if (round.kind === 'give_back') return conclude(input, begun, await giveBack(begun, round.back));
    if (round.kind === 'stale') continue;
    if (waitedSeconds + round.seconds > begun.pace.longestWaitSeconds) {
      const cause = waitedSeconds === 0 ? 'settling' : 'waited_too_long';
      return conclude(input, begun, await giveBack(begun, { cause, reason: round.reason }));
    }
    await sleep(round.seconds * 1000).catch((error: unknown) => stop(begun, error));
    waitedSeconds += round.seconds;
  }
}

async function judge(input: AuditInput, begun: Begun): Promise<Round> {
  try {
    const proxies = auditProxies(begun.pace, input.how);
    return await judgeEntity({ ...proxies, decideAudit: (...args) => auditSteps.decideAudit(...args) }, input, begun);
  } catch (error) {
    if (CancellationScope.current().consideredCancelled && isCancellation(error)) return stop(begun, error);
    return { kind: 'give_back', back: returnFor(stepFailure(error)) };
  }
}

function returnFor({ kind, reason, waitSeconds, project }: StepFailure): GiveBackAudit {
  if (kind === 'cool_down' && waitSeconds !== undefined) return { cause: 'cool_down', reason, waitSeconds };
  if (kind === 'key_refused' && project !== undefined) return { cause: 'keys_refused', reason, project };
  return { cause: 'unreadable', reason };
}

async function giveBack(begun: Begun, back: GiveBackAudit): Promise<AuditResult> {
  return auditSteps.giveBackAudit(begun.entityId, back);
}

/** Ends an audit that somebody cancelled. @throws what tells so, for Temporal to show it as cancelled */
async function stop(begun: Begun, error: unknown): Promise<never> {
  await giveBack(begun, { cause: 'stopped', reason: 'its workflow was cancelled' });
  throw error;
}

/** Makes the audit findable in the Temporal UI by what came of it, where the namespace knows the attributes. */
function conclude({ entityType }: AuditInput, begun: Begun, result: AuditResult): AuditResult {
  const { entityType: kind, project, outcome } = searchAttributes;
  const pairs = [
    { key: kind, value: entityType as string },
    { key: project, value: projects[entityType].name as string },
    { key: outcome, value: result.outcome as string },
  ].filter(({ key }) => begun.pace.searchAttributes.includes(key.name));
  if (pairs.length > 0) upsertSearchAttributes(pairs);
  return result;
}
