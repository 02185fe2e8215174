import { expect, test } from 'vitest';
import { byStrength, type Finding, policies, withPolicies } from '../../src/domain/checks/finding.ts';

test('a person’s policy is stronger than a repair, that than a person’s last word, and that than a report', () => {
  expect(
    policies
      .map((policy) => ({ policy }))
      .sort(byStrength)
      .map(({ policy }) => policy),
  ).toEqual(['review', 'index', 'delete_image', 'copy_image', 'deindex', 'review_last', 'report', 'ignore']);
});

test('a finding whose parts lead to something else has their strongest first, and leaves other examples as they are', () => {
  const example = { subject: 's', expected: 'e', found: 'f' };
  const finding: Finding = {
    check: 'files.image',
    policy: 'copy_image',
    count: 2,
    examples: [
      { ...example, policy: 'copy_image' },
      { ...example, policy: 'review_last' },
    ],
    parts: [{ policy: 'copy_image', count: 2, evidence: 'a' }],
  };
  expect(withPolicies(finding, () => 'report')).toEqual({
    ...finding,
    policy: 'report',
    examples: [
      { ...example, policy: 'review_last' },
      { ...example, policy: 'report' },
    ],
    parts: [{ policy: 'report', count: 2, evidence: 'a' }],
  });
});
