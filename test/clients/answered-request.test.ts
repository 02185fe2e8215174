import { expect, test } from 'vitest';
import { answerClassOf, serviceOf } from '../../src/clients/answered-request.ts';
import { requestKinds } from '../../src/domain/request-count.ts';

test.each([
  [200, '2xx'],
  [204, '2xx'],
  [307, '3xx'],
  [400, '4xx'],
  [404, '404'],
  [429, '429'],
  [500, '5xx'],
  [503, '503'],
  [599, '5xx'],
  [700, 'none'],
])('%i is counted as %s', (status, answer) => {
  expect(answerClassOf(status)).toBe(answer);
});

test('only the web service’s requests are taken from its budget', () => {
  expect(requestKinds.filter((kind) => serviceOf(kind) === 'musicbrainz')).toEqual(['ws']);
});
