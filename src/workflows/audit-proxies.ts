import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { AuditObservations } from '../activities/audit-observations.ts';
import type { AuditInput, AuditPace } from '../activities/audit-results.ts';
import type { AuditSteps } from '../activities/audit-steps.ts';
import type { WebServiceQuestions } from '../activities/web-service-questions.ts';
import { stepPriorities, taskQueues } from '../temporal/task-queues.ts';
import { databaseSteps } from './database-steps.ts';

export const auditSteps = databaseSteps<AuditSteps>();

export interface AuditProxies {
  readonly archive: AuditObservations;
  readonly musicbrainz: WebServiceQuestions;
}

/** The steps that make requests, behind those of events, and paced audits behind an operator's own. */
export function auditProxies({ retries, firstRetrySeconds }: AuditPace, how: AuditInput['how']): AuditProxies {
  const options = {
    startToCloseTimeout: '30 minutes',
    heartbeatTimeout: '20s',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    priority: { priorityKey: how === 'operator' ? stepPriorities.operatorsAudit : stepPriorities.pacedAudit },
    retry: { maximumAttempts: 1 + retries, initialInterval: firstRetrySeconds * 1000, backoffCoefficient: 2 },
  } as const;
  return {
    archive: proxyActivities<AuditObservations>({ ...options, taskQueue: taskQueues.archive }),
    musicbrainz: proxyActivities<WebServiceQuestions>({ ...options, taskQueue: taskQueues.musicbrainz }),
  };
}
