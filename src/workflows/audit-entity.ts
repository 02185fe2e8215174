import { CancellationScope, isCancellation, proxyActivities, sleep } from '@temporalio/workflow';
import type { AuditSteps } from '../activities/audit-steps.ts';
import { judgeEntity, type Round } from '../audit/judge-entity.ts';
import type {
  ArchiveSteps,
  AuditInput,
  AuditPace,
  AuditPort,
  AuditResult,
  BegunStep,
  AuditRelease,
  WebServiceSteps,
} from '../audit/steps.ts';
import { itemName } from '../domain/documents/file-names.ts';
import { projects } from '../domain/entity.ts';
import { searchAttributes } from '../temporal/search-attributes.ts';
import { asSummary } from '../temporal/summaries.ts';
import { taskQueues } from '../temporal/task-queues.ts';
import { databaseSteps, named, setAttributes, stepOptions } from './step-options.ts';
import { stepFailure, type StepFailure } from './failures.ts';

const auditSteps = databaseSteps<AuditSteps>({
  beginAudit: 'claim the entity',
  decideAudit: 'decide',
  giveBackAudit: (_, { cause }) => `release the entity: ${cause.replaceAll('_', ' ')}`,
});

/** The steps that make requests, behind those of events, and paced audits behind an operator's own. */
function auditProxies(
  { retries, firstRetrySeconds }: AuditPace,
  how: AuditInput['how'],
): Pick<AuditPort, 'archive' | 'musicbrainz'> {
  const options = stepOptions.audit({ retries, firstSeconds: firstRetrySeconds }, how);
  return {
    archive: named<ArchiveSteps>(proxyActivities<ArchiveSteps>({ ...options, taskQueue: taskQueues.archive }), {
      observeItem: 'compare the item with MusicBrainz',
      explainIndex: 'download and compare index.json',
      explainXml: 'download and compare the XML',
      lookAtCopies: ({ gid }) => `look for copies in ${itemName(gid)}`,
      askTasks: 'ask for outstanding tasks',
    }),
    musicbrainz: named<WebServiceSteps>(
      proxyActivities<WebServiceSteps>({ ...options, taskQueue: taskQueues.musicbrainz }),
      { askWebService: 'ask the web service' },
    ),
  };
}

type Begun = Extract<BegunStep, { kind: 'begun' }>;

/**
 * Audits one entity: begins (claims it, sees whether this is the moment), observes the archive and asks the web service,
 * explains what differs, decides. Waits on durable timers while the item settles; releases the entity where it can't
 * be judged now. The result is what came of it.
 */
export async function auditEntity(input: AuditInput): Promise<AuditResult> {
  let waitedSeconds = 0;
  for (;;) {
    const begun = await auditSteps.beginAudit(input);
    if (begun.kind === 'refused') return { outcome: 'refused', reason: begun.reason };
    const round = await judge(input, begun);
    if (round.kind === 'ended') return conclude(input, begun, round.result);
    if (round.kind === 'give_back') return conclude(input, begun, await release(begun, round.back));
    if (round.kind === 'stale') continue;
    if (waitedSeconds + round.seconds > begun.pace.longestWaitSeconds) {
      const cause = waitedSeconds === 0 ? 'settling' : 'waited_too_long';
      return conclude(input, begun, await release(begun, { cause, reason: round.reason }));
    }
    const summary = asSummary(`waits for ${round.waitsFor}`);
    await sleep(round.seconds * 1000, { summary }).catch((error: unknown) => stop(begun, error));
    waitedSeconds += round.seconds;
  }
}

async function judge(input: AuditInput, begun: Begun): Promise<Round> {
  try {
    const { entityId, past, startedAt, pace } = begun;
    const { evenInReportMode } = input;
    const beginning = { entityId, past, startedAt, ...(evenInReportMode && { evenInReportMode }) };
    const { archive, musicbrainz } = auditProxies(pace, input.how);
    let decided: AuditResult | undefined;
    const observeItem: ArchiveSteps['observeItem'] = async (key) => {
      const observed = await archive.observeItem(key, beginning);
      if (observed.kind === 'observed') decided = observed.decided;
      return observed;
    };
    const decide: AuditPort['decide'] = async (evidence) =>
      decided === undefined ? auditSteps.decideAudit(input, beginning, evidence) : { kind: 'decided', result: decided };
    // No step needs more of the input, and each would keep it in the history.
    const key = { entityType: input.entityType, gid: input.gid };
    // Not as a copy: each proxy makes its steps as they are asked for.
    const steps: ArchiveSteps = {
      observeItem,
      explainIndex: (...args) => archive.explainIndex(...args),
      explainXml: (...args) => archive.explainXml(...args),
      lookAtCopies: (...args) => archive.lookAtCopies(...args),
      askTasks: (...args) => archive.askTasks(...args),
    };
    return await judgeEntity({ archive: steps, musicbrainz, decide }, key, entityId);
  } catch (error) {
    if (CancellationScope.current().consideredCancelled && isCancellation(error)) return stop(begun, error);
    return { kind: 'give_back', back: returnFor(stepFailure(error)) };
  }
}

function returnFor({ kind, reason, waitSeconds, project, window }: StepFailure): AuditRelease {
  if (kind === 'cool_down' && waitSeconds !== undefined) {
    return { cause: window ? 'window' : 'cool_down', reason, waitSeconds };
  }
  if (kind === 'key_refused' && project !== undefined) return { cause: 'keys_refused', reason, project };
  return { cause: 'unreadable', reason };
}

async function release(begun: Begun, back: AuditRelease): Promise<AuditResult> {
  return auditSteps.giveBackAudit(begun.entityId, back);
}

/** Ends an audit that somebody cancelled. @throws what tells so, for Temporal to show it as cancelled */
async function stop(begun: Begun, error: unknown): Promise<never> {
  await release(begun, { cause: 'stopped', reason: 'its workflow was cancelled' });
  throw error;
}

/** Makes the audit findable in the Temporal UI by what came of it, where the namespace knows the attributes. */
function conclude({ entityType }: AuditInput, begun: Begun, result: AuditResult): AuditResult {
  const { entityType: kind, project, outcome } = searchAttributes;
  setAttributes(
    [
      { key: kind, value: entityType },
      { key: project, value: projects[entityType].name },
      { key: outcome, value: result.outcome },
    ],
    begun.pace.searchAttributes,
  );
  return result;
}
