import { describe, expect, it } from 'vitest';
import { cut, show } from '../../../src/domain/checks/check.ts';
import type { Difference, Policy } from '../../../src/domain/checks/finding.ts';
import { groupFindings } from '../../../src/domain/checks/findings.ts';
import { defaultPolicies, resolvePolicies } from '../../../src/domain/checks/policies.ts';

function aDifference(changes: Partial<Difference> = {}): Difference {
  return { check: 'index.value', subject: 'image 1: comment', expected: '"a"', found: '"b"', artworkId: 1, ...changes };
}
const evidence = (...differences: Difference[]) => groupFindings(differences, defaultPolicies)[0]?.parts[0].evidence;

describe('findings', () => {
  it('are one for each check, in the catalogue’s order, with a count and five examples', () => {
    const many = Array.from({ length: 1000 }, (_, n) => aDifference({ artworkId: n, subject: `image ${n}: comment` }));
    const findings = groupFindings(
      [...many, aDifference({ check: 'item.dark', subject: 'the item' })],
      defaultPolicies,
    );
    expect(findings.map(({ check, policy, count }) => [check, policy, count])).toEqual([
      ['item.dark', 'review', 1],
      ['index.value', 'index', 1000],
    ]);
    expect(findings[1]?.examples).toEqual(
      many.slice(0, 5).map(({ subject, expected, found }) => ({ subject, expected, found, policy: 'index' })),
    );
  });

  it('are one of a check whose differences lead to different ends: the strongest first, each example with its own', () => {
    const lost = aDifference({ check: 'files.image', policy: 'review', artworkId: 7 });
    const copied = Array.from({ length: 9 }, (_, n) =>
      aDifference({ check: 'files.image', policy: 'copy_image', artworkId: n }),
    );
    const findings = groupFindings([...copied, lost], defaultPolicies);
    expect(findings).toMatchObject([
      {
        check: 'files.image',
        policy: 'review',
        count: 10,
        parts: [
          { policy: 'review', count: 1 },
          { policy: 'copy_image', count: 9 },
        ],
      },
    ]);
    expect(findings[0]?.examples.map(({ policy }) => policy)).toEqual([
      'review',
      'copy_image',
      'copy_image',
      'copy_image',
      'copy_image',
    ]);
    expect(groupFindings([...copied, lost], resolvePolicies({ 'files.image': 'report' }))).toMatchObject([
      { policy: 'report', count: 10, parts: [{ policy: 'report', count: 10 }] },
    ]);
  });

  it('show one example at least of each part', () => {
    const many = (policy: Policy) => Array.from({ length: 20 }, () => aDifference({ check: 'files.image', policy }));
    const [found] = groupFindings([...many('report'), ...many('copy_image'), ...many('review')], defaultPolicies);
    expect(found?.examples.map(({ policy }) => policy)).toEqual(['review', 'review', 'review', 'copy_image', 'report']);
    expect(found?.parts.map(({ policy }) => policy)).toEqual(['review', 'copy_image', 'report']);
  });

  it('have the same evidence in each part as if that were all there is', () => {
    const lost = aDifference({ check: 'files.image', policy: 'review', artworkId: 7 });
    const copied = aDifference({ check: 'files.image', policy: 'copy_image', artworkId: 8 });
    const [found] = groupFindings([copied, lost], defaultPolicies);
    expect(found?.parts.map(({ evidence: each }) => each)).toEqual([evidence(lost), evidence(copied)]);
  });

  it('leave out what is to be ignored', () => {
    expect(groupFindings([aDifference()], resolvePolicies({ 'index.value': 'ignore' }))).toEqual([]);
  });

  it('have texts that a history holds and PostgreSQL takes', () => {
    const [finding] = groupFindings(
      [aDifference({ expected: `${'x'.repeat(198)}\u{1f600}y`, found: 'a\0b\ud800' })],
      defaultPolicies,
    );
    const [shown] = finding?.examples ?? [];
    expect(shown?.expected).toHaveLength(200);
    expect(shown?.expected.endsWith('x\ufffd…')).toBe(true);
    expect(shown?.found).toBe('a\ufffdb\ufffd');
  });
});

describe('the evidence of a finding', () => {
  it('is the same whatever the order of the differences, what was found, and what it leads to', () => {
    const [one, two] = [aDifference(), aDifference({ artworkId: 2, subject: 'image 2: comment' })];
    expect(evidence(one, two)).toBe(evidence(two, one));
    expect(evidence(one)).toBe(evidence({ ...one, found: '"c"' }));
    expect(evidence(one)).toBe(evidence({ ...one, policy: 'review' }));
  });

  it('changes with the images, their content, what was expected, and how many there are', () => {
    const base = aDifference({ md5: 'a' });
    const others = [
      [aDifference({ md5: 'a', artworkId: 2 })],
      [aDifference({ md5: 'b' })],
      [aDifference({ md5: 'a', expected: '"c"' })],
      [aDifference({ md5: 'a', check: 'index.url' })],
      [base, base],
    ].map((differences) => evidence(...differences));
    expect(new Set([evidence(base), ...others]).size).toBe(6);
  });

  it('is whole even where the examples are cut', () => {
    const many = Array.from({ length: 50 }, (_, n) => aDifference({ artworkId: n }));
    expect(evidence(...many)).not.toBe(evidence(...many.slice(0, 49)));
    const long = 'x'.repeat(500);
    expect(evidence(aDifference({ expected: `${long}1` }))).not.toBe(evidence(aDifference({ expected: `${long}2` })));
  });

  it('is a hash of 32 digits', () => {
    expect(evidence(aDifference({}))).toMatch(/^[0-9a-f]{32}$/);
  });
});

it('a text that is too long is cut to its length, and a value of any size to a thousand characters', () => {
  expect([cut('abc', 3), cut('abcd', 3), cut('', 3)]).toEqual(['abc', 'ab…', '']);
  expect([show(undefined), show(null), show('a"'), show({ a: [1] })]).toEqual([
    'nothing',
    'null',
    '"a\\""',
    '{"a":[1]}',
  ]);
  for (const value of ['x'.repeat(5000), Array(5000).fill(0)]) expect(show(value)).toHaveLength(1000);
});
