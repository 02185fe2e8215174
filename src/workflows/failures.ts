import { TimeoutType } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/workflow';
import { type FailureDetail, type FailureType, failureTypes } from '../temporal/failure-types.ts';

/** Why a step did not succeed, as far as a workflow has to know. */
export interface StepFailure extends FailureDetail {
  readonly kind: 'cool_down' | 'impossible' | 'key_refused' | 'lost' | 'not_yet' | 'refused' | 'unreadable';
  readonly reason: string;
}

/**
 * What an activity's failure means, after Temporal has made all its retries. `lost`: its worker or the database went away,
 * it had to wait for others, or somebody cancelled the workflow, which is not its row's fault. What is no failure of an activity is thrown on.
 */
export function stepFailure(error: unknown): StepFailure {
  // Before the step was taken.
  if (error instanceof CancelledFailure) return { kind: 'lost', reason: 'its workflow was cancelled' };
  if (!(error instanceof ActivityFailure)) throw error;
  const { activityType, cause } = error;
  if (cause instanceof TimeoutFailure) {
    // Each request has a time-out of its own, after which the step fails. All that a step may ask for takes less than the
    // step's: what takes longer has waited, for others.
    const isWorkerLost = cause.timeoutType === TimeoutType.HEARTBEAT;
    return {
      kind: 'lost',
      reason: isWorkerLost ? `the worker of ${activityType} was lost` : `${activityType} had to wait too long`,
    };
  }
  if (cause instanceof CancelledFailure) return { kind: 'lost', reason: `${activityType} was cancelled` };
  if (cause instanceof ApplicationFailure && cause.type === workerShutdown) {
    return { kind: 'lost', reason: `the worker of ${activityType} was stopped` };
  }
  if (isUnknownStep(error)) {
    return { kind: 'lost', reason: `${activityType} is not known to the worker that took it: an older one still runs` };
  }
  if (!(cause instanceof ApplicationFailure)) {
    return { kind: 'unreadable', reason: `${activityType}: ${cause?.message ?? error.message}` };
  }
  const detail = cause.details?.[0] as FailureDetail | undefined;
  return { ...detail, kind: kinds[cause.type as FailureType] ?? 'unreadable', reason: cause.message };
}

/** Whether a step came to a worker that doesn't know it: of an older version, which hasn't been replaced yet. */
export function isUnknownStep(error: unknown): boolean {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof ApplicationFailure)) return false;
  const { type, message } = error.cause;
  return type === 'NotFoundError' && message.includes('is not registered on this Worker');
}

/** The type that Temporal's SDK gives to what a worker that stops leaves undone. */
const workerShutdown = 'WorkerShutdown';

/** What is none of these is an error of ours or of the database's, which leaves things unknown, too. */
const kinds: Readonly<Record<FailureType, StepFailure['kind']>> = {
  [failureTypes.coolDown]: 'cool_down',
  [failureTypes.databaseAway]: 'lost',
  [failureTypes.impossible]: 'impossible',
  [failureTypes.keyRefused]: 'key_refused',
  [failureTypes.notYet]: 'not_yet',
  [failureTypes.refused]: 'refused',
  [failureTypes.unreadable]: 'unreadable',
};
