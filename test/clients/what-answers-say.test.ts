import { describe, expect, test } from 'vitest';
import { KeyRefusedError, UnreadableError } from '../../src/clients/errors.ts';
import { describeAnswer, detailsOf, type HttpAnswer, jsonOf, unusable } from '../../src/clients/http.ts';
import { projects } from '../../src/domain/entity.ts';

const answer = (status: number, text = '', headers: HttpAnswer['headers'] = {}): HttpAnswer => ({
  status,
  headers,
  body: Buffer.from(text),
  sentAt: 0,
});
const request = 'GET http://archive.test/x';

test.each([
  ['0f1e-2d', '0f1e-2d'],
  ['7', '7'],
  ['x'.repeat(100), 'x'.repeat(100)],
  ['x'.repeat(101), null],
  ['two words', null],
  [' 7', null],
  ['7\n', null],
  ['né', null],
  ['', null],
  [undefined, null],
])('the id that a header gives a request is told where it is one: %j', (header, id) => {
  expect(detailsOf(answer(500, '', { 'x-amz-request-id': header })).requestId).toBe(id);
});

test('the id in an error document is told before the header’s', () => {
  const document = '<Error><Code>InternalError</Code><RequestId>7</RequestId></Error>';
  expect(detailsOf(answer(500, document, { 'x-amz-request-id': '8' }))).toMatchObject({
    code: 'InternalError',
    requestId: '7',
  });
});

test('an excerpt has one blank for each gap, and none at its ends', () => {
  expect(detailsOf(answer(500, '\n we are \r\n\t down \n')).bodyExcerpt).toBe('we are down');
});

test('what is wrong with an answer comes before what it says', () => {
  expect(describeAnswer(request, answer(500))).toBe(`HTTP 500 (${request})`);
  expect(describeAnswer(request, answer(200), 'no page of items')).toBe(`no page of items: HTTP 200 (${request})`);
});

describe('an answer from which nothing follows', () => {
  const project = projects.release;

  test.each([
    ['401 to a project’s key', 401, { project }, KeyRefusedError],
    ['401 where no key was sent', 401, {}, UnreadableError],
    ['403 to a project’s key', 403, { project }, UnreadableError],
  ])('is a refused key by 401 to one, and by nothing else: %s', (_what, status, about, type) => {
    const error = unusable(request, answer(status, 'no'), about);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^HTTP 40[13].* \(GET /) as string,
      details: { status, bodyExcerpt: 'no' },
    });
  });

  test('is one that is no JSON', () => {
    expect(() => jsonOf(answer(200, '{"cut":'), request)).toThrow(`the answer is not JSON: HTTP 200`);
    expect(() => jsonOf(answer(200, '{"cut":'), request)).toThrow(UnreadableError);
  });
});
