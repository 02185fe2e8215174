import { describe, expect, test } from 'vitest';
import { answerInWords, readReason, readS3Error, requestInWords } from '../../src/domain/queue/failure-reason.ts';

const gid = '8000022a-1111-4111-8111-111111111111';
const file = `mbid-${gid}/mbid-${gid}-8000022.png`;
const document = [
  `<?xml version='1.0' encoding='UTF-8'?>`,
  '<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>',
  `<Resource>/${file}</Resource><RequestId>0f1e-2d</RequestId></Error>`,
].join('\n');

describe('what an answer says', () => {
  test.each([
    ['S3’s error is its code and its message', 404, document, 'HTTP 404 NoSuchKey: The specified key does not exist'],
    ['white space may come first', 200, `\n  ${document}`, 'HTTP 200 NoSuchKey: The specified key does not exist'],
    ['an error may have no message', 503, '<Error><Code>SlowDown</Code></Error>', 'HTTP 503 SlowDown'],
    ['or be cut within it', 503, '<Error><Code>SlowDown</Code><Message>Please red', 'HTTP 503 SlowDown'],
    ['or name no code', 500, '<Error/>', 'HTTP 500 Unknown'],
    ['its characters are those that were meant', 400, message('a &lt;b&gt; &amp;amp;'), 'HTTP 400 Odd: a <b> &amp;'],
    ['it stays one line', 400, message('one\n  two..'), 'HTTP 400 Odd: one two'],
    ['it stays short', 400, message('😀'.repeat(500)), `HTTP 400 Odd: ${'😀'.repeat(199)}…`],
    ['as long as it may be, it is whole', 400, message('x'.repeat(200)), `HTTP 400 Odd: ${'x'.repeat(200)}`],
    ['blanks may stand around its code', 503, '<Error><Code> SlowDown\n</Code></Error>', 'HTTP 503 SlowDown'],
    [
      'lines may part its head from it',
      503,
      '<?xml version="1.0"?>\n\n<Error><Code>SlowDown</Code>',
      'HTTP 503 SlowDown',
    ],
    ['a title may have a language', 502, '<title lang="en">Bad Gateway</title>', 'HTTP 502: Bad Gateway'],
    ['a page is its title', 502, '<html><head><title>502 Bad Gateway</title></head>…', 'HTTP 502: Bad Gateway'],
    ['MusicBrainz’ error is its text', 503, '<error><text>Slow down.</text><text>See</text>', 'HTTP 503: Slow down'],
    ['another document its text', 500, '<p>out of <b>order</b></p><hr', 'HTTP 500: out of order'],
    ['whose paragraphs are words apart', 500, '<p>out of</p><p>order</p>', 'HTTP 500: out of order'],
    ['a text itself', 401, 'who are you?', 'HTTP 401: who are you?'],
    ['nothing is nothing', 404, ' ', 'HTTP 404'],
  ])('%s', (_what, status, body, words) => {
    expect(answerInWords(status, body)).toBe(words);
  });

  test('is S3’s only where it is an error document', () => {
    for (const text of ['', '<html>NoSuchKey</html>', '<Errors><Code>NoSuchKey</Code></Errors>', `said ${document}`]) {
      expect(readS3Error(text)).toBeNull();
    }
    expect(readS3Error('<Error><Message> . </Message></Error>')).toEqual({
      code: 'Unknown',
      message: null,
      requestId: null,
    });
    expect(readS3Error(document)).toEqual({
      code: 'NoSuchKey',
      message: 'The specified key does not exist',
      requestId: '0f1e-2d',
    });
  });
});

function message(text: string): string {
  return `<Error><Code>Odd</Code><Message>${text}</Message></Error>`;
}

describe('a reason is read as', () => {
  test('what happened, then the request and its id', () => {
    const reason = requestInWords(answerInWords(404, document), `PUT ${file}`, '0f1e-2d');
    expect(reason).toBe(`HTTP 404 NoSuchKey: The specified key does not exist (PUT ${file}, RequestId 0f1e-2d)`);
    expect(readReason(reason)).toEqual({
      what: 'HTTP 404 NoSuchKey: The specified key does not exist',
      where: `PUT ${file}, RequestId 0f1e-2d`,
      answer: null,
    });
  });

  test('the same where the whole answer was written into it', () => {
    expect(readReason(`PUT ${file}: HTTP 404 (RequestId 0f1e-2d): ${document}`)).toEqual({
      what: 'HTTP 404 NoSuchKey: The specified key does not exist',
      where: `PUT ${file}, RequestId 0f1e-2d`,
      answer: document,
    });
  });

  test('the sentence around it, where there is one', () => {
    const reason = 'items fail alike (server error): HTTP 500 InternalError (PUT a/b) and more';
    expect(readReason(reason)).toMatchObject({
      what: 'items fail alike (server error): HTTP 500 InternalError and more',
      where: 'PUT a/b',
    });
  });

  test.each(['event 5, which this one depends on, failed', '', 'HTTP 500: <html>', 'x'.repeat(100_000)])(
    'it is, where it names no request: %.40s',
    (reason) => {
      expect(readReason(reason)).toEqual({ what: reason, where: null, answer: null });
    },
  );
});

test('a request is named with its id where the archive gave one', () => {
  expect(requestInWords('HTTP 503 SlowDown', 'PUT a/b')).toBe('HTTP 503 SlowDown (PUT a/b)');
  expect(requestInWords('HTTP 503 SlowDown', 'PUT a/b', '0f')).toBe('HTTP 503 SlowDown (PUT a/b, RequestId 0f)');
});

test('an earlier version’s reason may name no request', () => {
  const answer = '<Error><Code>SlowDown</Code></Error>';
  expect(readReason(`HTTP 503: ${answer}`)).toEqual({ what: 'HTTP 503 SlowDown', where: null, answer });
});
