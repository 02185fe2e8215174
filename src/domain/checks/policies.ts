import { catalogue, findCheck } from './catalogue.ts';
import type { Policy } from './finding.ts';

/** What each check's findings lead to, every check of the catalogue in it. */
export type PolicyTable = Readonly<Record<string, Policy>>;

/** A policy was set for a check that there isn't, or one that makes no sense for it. */
export class InvalidPolicyError extends Error {
  override readonly name = 'InvalidPolicyError';
}

/**
 * The policies in force: the catalogue's, with those that were set in their place.
 *
 * @param set what the configuration says, by the checks' names.
 * @throws {InvalidPolicyError} naming every check that is unknown, and every policy that its check doesn't take.
 */
export function resolvePolicies(set: Readonly<Record<string, string>>): PolicyTable {
  const faults: string[] = [];
  const table: Record<string, Policy> = Object.fromEntries(catalogue.map(({ name, policies }) => [name, policies[0]]));
  for (const [name, value] of Object.entries(set)) {
    const entry = findCheck(name);
    const policy = entry?.policies.find((allowed) => allowed === value);
    if (entry === null) faults.push(`unknown check ${JSON.stringify(name)}`);
    else if (policy === undefined) {
      faults.push(`${name} is ${JSON.stringify(value)}: expected one of ${entry.policies.join(', ')}`);
    } else table[name] = policy;
  }
  if (faults.length > 0) throw new InvalidPolicyError(`policies of checks: ${faults.join('; ')}`);
  return table;
}

/** The policies of the catalogue. */
export const defaultPolicies: PolicyTable = resolvePolicies({});

/**
 * What one difference leads to. What an operator set goes before what the difference itself asks for, but for `report`:
 * where the catalogue only names something, no setting makes more of it.
 */
export function policyOf(table: PolicyTable, check: string, asked: Policy | undefined): Policy {
  const entry = findCheck(check);
  if (entry === null)
    throw new InvalidPolicyError(`unknown check ${JSON.stringify(check)}: it is not in the catalogue`);
  const set = table[check] ?? entry.policies[0];
  const policy = set === 'ignore' && entry.alwaysRecorded ? 'report' : set;
  if (asked === undefined || policy === 'ignore') return policy;
  return asked === 'report' || policy === entry.policies[0] ? asked : policy;
}
