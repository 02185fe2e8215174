import { createHash } from 'node:crypto';
import { positionOf } from './catalogue.ts';
import { cut } from './check.ts';
import { byStrength, type Difference, type Example, type Finding, type FindingPart, type Policy } from './finding.ts';
import { policyOf, type PolicyTable } from './policies.ts';

/**
 * The MD5 of a text, 32 hexadecimal digits. It only tells evidence that a person has judged from other evidence of the same
 * entity's same check: a handful of values, none of an adversary's choice that could gain by a collision.
 */
function evidenceHash(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

const maxExamples = 5;
/** What one text of an example may have, in UTF-16 units: five examples of a thousand checks still fit a history. */
const maxExampleLength = 200;

/** The findings that differences make: one for each check, in the catalogue's order. What is to be ignored makes none. */
export function groupFindings(differences: readonly Difference[], policies: PolicyTable): Finding[] {
  const checks = new Map<string, Map<Policy, Difference[]>>();
  for (const difference of differences) {
    const policy = policyOf(policies, difference.check, difference.policy);
    if (policy === 'ignore') continue;
    const groups = checks.get(difference.check) ?? new Map<Policy, Difference[]>();
    checks.set(difference.check, groups);
    const group = groups.get(policy);
    if (group === undefined) groups.set(policy, [difference]);
    else group.push(difference);
  }
  return inCatalogueOrder([...checks].map(([check, groups]) => findingOf(check, groups)));
}

function findingOf(check: string, groups: ReadonlyMap<Policy, readonly Difference[]>): Finding {
  const grouped = [...groups].map(([policy, differences]) => ({ policy, differences })).sort(byStrength);
  const parts = grouped.map(({ policy, differences }) => ({
    policy,
    count: differences.length,
    evidence: evidenceOf(check, differences),
  })) as [FindingPart, ...FindingPart[]];
  // One of each part, and the rest of the first ones.
  let left = Math.max(maxExamples - grouped.length, 0);
  const examples = grouped.flatMap(({ policy, differences }) => {
    const shown = differences.slice(0, 1 + left);
    left -= shown.length - 1;
    return shown.map((difference) => ({ ...example(difference), policy }));
  });
  return {
    check,
    policy: parts[0].policy,
    count: parts.reduce((sum, { count }) => sum + count, 0),
    examples,
    parts,
  };
}

export function inCatalogueOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((left, right) => positionOf(left.check) - positionOf(right.check));
}

/**
 * What a person judges when they judge a finding: the check, what it is about, and what should be there. Neither what
 * was found nor the policy is in it: the former may say when it was read, the latter changes once repairs don't
 * take.
 */
function evidenceOf(check: string, differences: readonly Difference[]): string {
  const parts = differences
    .map(({ subject, expected, artworkId, md5 }) => JSON.stringify([subject, expected, artworkId ?? null, md5 ?? null]))
    .sort();
  return evidenceHash([check, ...parts].join('\n'));
}

function example({ subject, expected, found }: Difference): Example {
  return { subject: storable(subject), expected: storable(expected), found: storable(found) };
}

/** A text that PostgreSQL's jsonb takes: no NUL, no half of a surrogate pair. */
function storable(text: string): string {
  return cut(text, maxExampleLength).replace(/\0|\p{Surrogate}/gu, '\ufffd');
}
