import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  RetryState,
  TimeoutFailure,
  TimeoutType,
} from '@temporalio/common';
import { expect, test } from 'vitest';
import { failureTypes } from '../../src/temporal/failure-types.ts';
import { stepFailure } from '../../src/workflows/failures.ts';

/** The failure of a step as a workflow gets it. */
const failed = (cause: Error | undefined): ActivityFailure =>
  new ActivityFailure('Activity task failed', 'putIndex', '1', RetryState.MAXIMUM_ATTEMPTS_REACHED, 'worker', cause);
const timeout = (type: TimeoutType): TimeoutFailure => new TimeoutFailure('Activity timed out', undefined, type);
const typed = (type: string, detail?: object): ApplicationFailure =>
  ApplicationFailure.create({ type, message: 'HTTP 503', ...(detail && { details: [detail] }) });

test.each([
  ['no heartbeat of its worker comes', timeout(TimeoutType.HEARTBEAT), 'the worker of putIndex was lost'],
  ['it had to wait', timeout(TimeoutType.START_TO_CLOSE), 'putIndex had to wait too long'],
  ['no worker had a place for it', timeout(TimeoutType.SCHEDULE_TO_CLOSE), 'putIndex had to wait too long'],
  ['it was cancelled', new CancelledFailure('cancelled'), 'putIndex was cancelled'],
  ['its worker stopped', typed('WorkerShutdown'), 'the worker of putIndex was stopped'],
  [
    'an older worker took it',
    ApplicationFailure.create({
      type: 'NotFoundError',
      message: 'Activity function putIndex is not registered on this Worker, available activities: []',
    }),
    'putIndex is not known to the worker that took it: an older one still runs',
  ],
  ['the database went away', typed(failureTypes.databaseAway), 'HTTP 503'],
])('it is nobody’s fault where %s', (_when, cause, reason) => {
  expect(stepFailure(failed(cause))).toEqual({ kind: 'lost', reason });
});

test.each([
  [failureTypes.coolDown, { waitSeconds: 300 }, 'cool_down'],
  [failureTypes.coolDown, { waitSeconds: 300, window: true }, 'cool_down'],
  [failureTypes.notYet, { waitSeconds: 120 }, 'not_yet'],
  [failureTypes.keyRefused, { project: 'eaa' }, 'key_refused'],
  [failureTypes.impossible, {}, 'impossible'],
  [failureTypes.refused, { answer: { status: 403, bodyExcerpt: 'AccessDenied', requestId: 'x' } }, 'refused'],
  [failureTypes.unreadable, {}, 'unreadable'],
  ['a bug', {}, 'unreadable'],
])('what fails as %s is told with its details %j', (type, detail, kind) => {
  expect(stepFailure(failed(typed(type, detail)))).toEqual({ ...detail, kind, reason: 'HTTP 503' });
});

test.each([
  ['of a cause of another kind', new Error('odd'), 'putIndex: odd'],
  ['without a cause', undefined, 'putIndex: Activity task failed'],
])('a failure %s tells nothing', (_what, cause, reason) => {
  expect(stepFailure(failed(cause))).toEqual({ kind: 'unreadable', reason });
});

test('a workflow that is cancelled before its step was taken is nobody’s fault either', () => {
  expect(stepFailure(new CancelledFailure('cancelled'))).toEqual({
    kind: 'lost',
    reason: 'its workflow was cancelled',
  });
});

test('what is no failure of a step is thrown on', () => {
  expect(() => stepFailure(new TypeError('a bug of the workflow'))).toThrow('a bug of the workflow');
});
