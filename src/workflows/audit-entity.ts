import { sleep, upsertSearchAttributes } from '@temporalio/workflow';
import type { AuditInput, AuditResult, BegunStep, GiveBackAudit } from '../activities/audit-results.ts';
import { projects } from '../domain/project.ts';
import { addCounts, type RequestCounts } from '../domain/request-count.ts';
import { searchAttributes } from '../search-attributes.ts';
import { auditSteps, auditProxies } from './audit-proxies.ts';
import { gatherEvidence, type Gathered } from './gather-evidence.ts';
import { stepFailure, type StepFailure } from './failures.ts';

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
    if (round.kind === 'stale') continue;
    if (waitedSeconds + round.seconds > begun.pace.longestWaitSeconds) {
      const cause = waitedSeconds === 0 ? 'settling' : 'waited_too_long';
      return conclude(input, begun, await giveBack(begun, { cause, reason: round.reason }));
    }
    await sleep(round.seconds * 1000);
    waitedSeconds += round.seconds;
  }
}

type Begun = Extract<BegunStep, { kind: 'begun' }>;

type Round =
  | { readonly kind: 'ended'; readonly result: AuditResult }
  | { readonly kind: 'stale' }
  | { readonly kind: 'wait'; readonly seconds: number; readonly reason: string };

/** One look at everything, and the decision, where there can be one. */
async function judge(input: AuditInput, begun: Begun): Promise<Round> {
  const proxies = auditProxies(begun.pace, input.how);
  try {
    const gathered = await gatherEvidence(proxies, input, begun.entityId);
    if (gathered.kind === 'wait') return gathered;
    if (gathered.kind === 'pending_events') {
      return { kind: 'ended', result: await giveBack(begun, { cause: 'pending_events', reason: gathered.reason }) };
    }
    return await decide(input, begun, gathered, async () => proxies.archive.askTasks(input));
  } catch (error) {
    return { kind: 'ended', result: await giveBack(begun, returnFor(stepFailure(error))) };
  }
}

function returnFor({ kind, reason, waitSeconds, project }: StepFailure): GiveBackAudit {
  if (kind === 'cool_down' && waitSeconds !== undefined) return { cause: 'cool_down', reason, waitSeconds };
  if (kind === 'key_refused' && project !== undefined) return { cause: 'keys_refused', reason, project };
  return { cause: 'unreadable', reason };
}

/** A decision other than clean is made only when the archive has nothing left to apply to the item. */
async function decide(
  input: AuditInput,
  begun: Begun,
  gathered: Extract<Gathered, { kind: 'gathered' }>,
  askTasks: () => Promise<{ tasks: number | null; requests: RequestCounts }>,
): Promise<Round> {
  const { evidence, settleSeconds } = gathered;
  const { entityId, past, startedAt } = begun;
  const about = { entityId, past, startedAt };
  const judgement = await auditSteps.decideAudit(input, about, evidence);
  if (judgement.kind === 'decided') return { kind: 'ended', result: judgement.result };
  if (judgement.kind === 'stale') return judgement;
  const { tasks, requests } = await askTasks();
  if (tasks !== null && tasks > 0) {
    return { kind: 'wait', seconds: settleSeconds, reason: `the archive has ${tasks} tasks outstanding for the item` };
  }
  const settled = { ...evidence, tasks, requests: addCounts(evidence.requests, requests) };
  const final = await auditSteps.decideAudit(input, about, settled);
  return final.kind === 'decided' ? { kind: 'ended', result: final.result } : { kind: 'stale' };
}

async function giveBack(begun: Begun, back: GiveBackAudit): Promise<AuditResult> {
  return auditSteps.giveBackAudit(begun.entityId, back);
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
