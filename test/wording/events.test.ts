import { expect, test } from 'vitest';
import { describeMessage } from '../../src/wording/events.ts';

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
