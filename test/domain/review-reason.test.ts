import { expect, test } from 'vitest';
import type { Finding, FindingPart } from '../../src/domain/checks/finding.ts';
import { adviceOn, partAsReason } from '../../src/domain/decision/review-reason.ts';

const examples = [
  { subject: 'image 11', expected: 'approved', found: 'not', policy: 'index' as const },
  { subject: 'image 12', expected: 'a', found: 'b', policy: 'index' as const },
];
const part: FindingPart = { policy: 'index', count: 1, evidence: 'e' };
const finding: Finding = { check: 'index.value', policy: 'index', count: 9, examples, parts: [part] };

test.each([
  ['its first example', finding, part, undefined, 'index.value: image 11: expected approved, found not'],
  [
    'how many there are, where it is not one',
    finding,
    { ...part, count: 2 },
    0,
    'index.value (2): image 11: expected approved, found not',
  ],
  ['itself alone, where it has no example', { ...finding, examples: [] }, part, 0, 'index.value'],
  [
    'how many repairs didn’t take',
    finding,
    { ...part, count: 3 },
    1,
    'index.value (3): image 11: expected approved, found not; repairs don’t take, it is still there after 1',
  ],
])('a part of a finding as a reason names %s', (_, from, of, triesInVain, reason) => {
  const { count, evidence } = of;
  const found = partAsReason(from, of, triesInVain);
  expect(found).toEqual({ check: 'index.value', reason, count, evidence, examples: from.examples });
});

test('a part has no examples but its own', () => {
  const other = { ...examples[0]!, policy: 'review' as const };
  expect(partAsReason({ ...finding, examples: [other, ...examples] }, part).examples).toEqual(examples);
});

test.each([
  ['files.image', 'files.image: image 1: expected it, found no such file', 'image missing'],
  [null, 'a repair failed for good: event 98', 'repair failed'],
  [null, '2 repairs failed for good: event 98', 'repair failed'],
  [null, 'could not be judged, 3 consecutive times: tasks', 'could not be judged'],
  ['a.check_of_another_version', 'something', 'needs a person'],
])('%s, %j: a person is told what is wrong and what to do', (check, reason, title) => {
  const advice = adviceOn({ check, reason });
  expect(advice.title).toBe(title);
  expect(advice.steps).not.toEqual([]);
});
