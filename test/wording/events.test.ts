import { expect, test } from 'vitest';
import { attemptWord, describeMessage, queuedByInWords } from '../../src/wording/events.ts';

const [gid, other] = ['b3b1cc8a-0000-4000-8000-000000000000', '6192dcbe-0000-4000-8000-000000000000'];

test.each([
  [{ artwork_id: 22, gid, suffix: 'png' }, `${gid} image 22.png`],
  [{ artwork_id: 22, old_gid: gid, new_gid: other, suffix: 'png' }, `${gid} to ${other} image 22.png`],
  [{ gid }, gid],
  [{ artwork_id: 22, gid, suffix: { toString: '' } }, gid],
  [{ gid: { toString: '' } }, '{"gid":{"toString":""}}'],
  [null, 'null'],
  [JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown, 'a list that is nested too deeply to be shown'],
])('a message is told by what it is about, and as it is where that is not understood: %#', (message, words) => {
  expect(describeMessage(message)).toBe(words);
});

test('who queued an event is said by name where a person did, and where one queued it again', () => {
  const at = new Date(Date.now() - 3.5 * 86_400_000);
  const askedBy = { actor: 'ida', at, note: null };
  expect(queuedByInWords({ origin: 'audit', askedBy: null })).toBe('an audit');
  expect(queuedByInWords({ origin: 'requeued', askedBy: null })).toBe('a person, again');
  expect(queuedByInWords({ origin: 'trigger', askedBy })).toMatch(/^ida, .* \(3 days ago\)$/);
  expect(queuedByInWords({ origin: 'requeued', askedBy: { ...askedBy, note: 'a new scan' } })).toMatch(
    /^ida, .* \(3 days ago\): a new scan; queued by a person again$/,
  );
});

test('an attempt after which the event waits for another is said to be retried, not to be queued', () => {
  expect([attemptWord('queued'), attemptWord('failed'), attemptWord('completed')]).toEqual([
    'will_be_retried',
    'failed',
    'completed',
  ]);
});
