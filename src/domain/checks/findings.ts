import { evidenceHash } from '../evidence-hash.ts';
import type { Difference, Example, Finding, Policy } from '../finding.ts';
import { positionOf } from './catalogue.ts';
import { cut } from './check.ts';
import { type PolicyTable, policyOf } from './policies.ts';

const maxExamples = 5;
/** What one text of an example may have, in UTF-16 units: five examples of a thousand checks still fit a history. */
const maxExampleLength = 200;

/**
 * The findings that differences make: one for each check and policy, in the catalogue's order. What is to be ignored
 * makes none.
 */
export function groupFindings(differences: readonly Difference[], policies: PolicyTable): Finding[] {
  const groups = new Map<string, { check: string; policy: Policy; differences: Difference[] }>();
  for (const difference of differences) {
    const policy = policyOf(policies, difference.check, difference.policy);
    if (policy === 'ignore') continue;
    const key = `${difference.check} ${policy}`;
    const group = groups.get(key) ?? { check: difference.check, policy, differences: [] };
    group.differences.push(difference);
    groups.set(key, group);
  }
  const findings = [...groups.values()].map(({ check, policy, differences: grouped }) => ({
    check,
    policy,
    count: grouped.length,
    examples: grouped.slice(0, maxExamples).map(example),
    evidence: evidenceOf(check, grouped),
  }));
  return inCatalogueOrder(findings);
}

export function inCatalogueOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((left, right) => positionOf(left.check) - positionOf(right.check));
}

/**
 * What a person judges when they judge a finding: the check, what it is about, and what should be there. Neither what
 * was found nor the policy is in it: the former may say when it was looked at, the latter changes once repairs don't
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
