import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { ImpossibleError, NotYetError, toFailure } from '../../src/activities/failures.ts';
import { asActivities } from '../../src/activities/run.ts';
import {
  ClaimGoneError,
  CoolDownError,
  KeyRefusedError,
  RefusedError,
  UnreadableError,
  WindowError,
} from '../../src/clients/errors.ts';
import { UnreadableAnswerError } from '../../src/domain/documents/metadata.ts';
import { InvalidMessageError } from '../../src/domain/queue/indexer-event.ts';

const answer = (status: number | null, code: string | null = null) => ({
  status,
  code,
  bodyExcerpt: '',
  requestId: null,
});

test.each<[string, Error, string | undefined]>([
  ['a 5xx', new UnreadableError('x', answer(503)), 'server error'],
  ['an error document in a 2xx', new UnreadableError('x', answer(200, 'InternalError')), 'server error'],
  ['no answer', new UnreadableError('x', answer(null)), 'no answer'],
  ['AccessDenied', new RefusedError('x', answer(403, 'AccessDenied')), 'AccessDenied'],
  ['a page in the place of an answer', new UnreadableError('x', answer(200)), undefined],
  ['an answer that is told nothing of', new UnreadableError('x'), undefined],
  ['an item that is slowed down', new RefusedError('x', answer(503, 'SlowDown')), undefined],
  ['another refusal', new RefusedError('x', answer(404, 'NoSuchKey')), undefined],
  ['what can’t be done', new ImpossibleError('x'), undefined],
  ['a cool-down', new CoolDownError('archive', 9), undefined],
])('others may fail alike with %s, or not', (_what, error, alike) => {
  const failure = toFailure(error);
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect((failure as ApplicationFailure).details?.[0]).toMatchObject(alike === undefined ? {} : { alike });
  expect(JSON.stringify((failure as ApplicationFailure).details).includes('alike')).toBe(alike !== undefined);
});

test.each([
  ['a pause that a service asked for', new CoolDownError('archive', 9), { waitSeconds: 9 }],
  ['a window', new WindowError('maintenance', 9), { waitSeconds: 9, window: true }],
])('%s is told apart for who releases the work', (_what, error, detail) => {
  expect((toFailure(error) as ApplicationFailure).details).toEqual([detail]);
});

const database = (code: string) => Object.assign(new Error('x'), { code });
const forbidden = answer(403, 'InvalidAccessKeyId');

test.each<[string, Error, type: string, isTriedAgain: boolean, detail: object]>([
  ['what can’t be read', new UnreadableError('x'), 'Unreadable', true, {}],
  ['an answer that can’t be understood', new UnreadableAnswerError('x'), 'Unreadable', true, {}],
  ['a cool-down', new CoolDownError('archive', 9), 'CoolDown', false, { waitSeconds: 9 }],
  ['a window', new WindowError('x', 9), 'CoolDown', false, { waitSeconds: 9, window: true }],
  [
    'a refused key',
    new KeyRefusedError('eaa', 'x', forbidden),
    'KeyRefused',
    false,
    { project: 'eaa', answer: forbidden },
  ],
  ['a claim that is gone', new ClaimGoneError('x'), 'NotYet', false, {}],
  ['what has to wait', new NotYetError('x', 120), 'NotYet', false, { waitSeconds: 120 }],
  ['a refusal', new RefusedError('x', answer(400)), 'Refused', false, { answer: answer(400) }],
  ['what can’t be done', new ImpossibleError('x'), 'Impossible', false, {}],
  ['a message that can’t be understood', new InvalidMessageError('x'), 'Impossible', false, {}],
  ['a database that goes away', database('57P01'), 'DatabaseAway', true, {}],
  ['a statement that was cancelled', database('57014'), 'DatabaseAway', true, { sqlState: '57014' }],
])(
  '%s is told by its type, whether it is tried again, and its details',
  async (_what, error, type, isTriedAgain, detail) => {
    const step = asActivities({ step: async () => Promise.reject(error) }).step();
    await expect(step).rejects.toMatchObject({ type, message: error.message, nonRetryable: !isTriedAgain });
    await expect(step).rejects.toHaveProperty('details', [detail]);
  },
);

test('an error that is none of these is tried again as it is', async () => {
  const bug = new TypeError('a bug');
  await expect(asActivities({ step: async () => Promise.reject(bug) }).step()).rejects.toBe(bug);
});

test('steps as activities are given what they take, and answer what they do', async () => {
  const steps = { sum: async (one: number, other: number) => one + other, none: async () => null };
  expect(await asActivities(steps).sum(1, 2)).toBe(3);
  expect(await asActivities(steps).none()).toBeNull();
});
