import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { ImpossibleError, toFailure } from '../../src/activities/failures.ts';
import { CoolDownError, RefusedError, UnreadableError, WindowError } from '../../src/clients/errors.ts';

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
