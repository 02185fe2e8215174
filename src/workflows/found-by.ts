import type { SearchAttributePair } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';

/**
 * Makes a workflow findable in the Temporal UI by what came of it. What it has had from its start isn't set again.
 *
 * @param usable names that its worker knows the namespace to have. A step reported them, so that the history of an
 *   earlier version, whose steps reported none, is continued without.
 */
export function setAttributes(pairs: readonly SearchAttributePair[], usable: readonly string[] = []): void {
  const { typedSearchAttributes } = workflowInfo();
  const missing = pairs.filter(
    ({ key, value }) => usable.includes(key.name) && typedSearchAttributes.get(key as never) !== value,
  );
  if (missing.length > 0) upsertSearchAttributes(missing);
}
