import { expect, test } from 'vitest';
import type { Finding } from '../../src/domain/finding.ts';
import { findingAsReason } from '../../src/domain/review-reason.ts';

const examples = [
  { subject: 'image 11', expected: 'approved', found: 'not' },
  { subject: 'image 12', expected: 'a', found: 'b' },
];
const finding = { check: 'index.value', policy: 'index', count: 1, evidence: 'e', examples } satisfies Finding;

test.each([
  ['its first example', finding, undefined, 'index.value: image 11: expected approved, found not'],
  [
    'how many there are, where it is not one',
    { ...finding, count: 2 },
    0,
    'index.value (2): image 11: expected approved, found not',
  ],
  ['itself alone, where it has no example', { ...finding, examples: [] }, 0, 'index.value'],
  [
    'how many repairs didn’t take',
    { ...finding, count: 3 },
    1,
    'index.value (3): image 11: expected approved, found not; repairs don’t take, it is still there after 1',
  ],
])('a finding as a reason names %s', (_, from, triesInVain, reason) => {
  const { check, count, evidence } = from;
  expect(findingAsReason(from, triesInVain)).toEqual({ check, reason, count, evidence, examples: from.examples });
});
