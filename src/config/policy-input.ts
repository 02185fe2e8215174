import { catalogue, findCheck, InvalidPolicyError, resolvePolicies } from '../domain/checks/index.ts';
import type { Policy } from '../domain/checks/finding.ts';
import type { IniEntry } from './ini.ts';

/**
 * The policies that file and environment set, by the checks' names. In the environment a check's name has `_` for its
 * dot: POLICY_FILES_INDEX_JSON.
 *
 * @param errors takes what is wrong with them
 */
export function collectPolicies(
  entries: readonly IniEntry[],
  env: NodeJS.ProcessEnv,
  errors: string[],
): Record<string, Policy> {
  const set = new Map<string, { value: string; where: string }>();
  for (const { key, value, line } of entries) {
    if (value !== '') set.set(key, { value, where: `line ${line}` });
  }
  for (const { name } of catalogue) {
    const variable = policyVariable(name);
    const value = env[variable]?.trim();
    if (value) set.set(name, { value, where: variable });
  }
  const policies: Record<string, Policy> = {};
  for (const [name, { value, where }] of set) {
    try {
      policies[name] = resolvePolicies({ [name]: value })[name]!;
    } catch (error) {
      if (!(error instanceof InvalidPolicyError)) throw error;
      errors.push(`${where}: [policy] ${error.message}`);
    }
  }
  return policies;
}

/** What overrides a check's policy of the file. */
export function policyVariable(check: string): string {
  return `POLICY_${check}`.replaceAll('.', '_').toUpperCase();
}

/** The names among these that no check has. */
export function unknownChecks(names: readonly string[]): string[] {
  return names.filter((name) => findCheck(name) === null);
}
