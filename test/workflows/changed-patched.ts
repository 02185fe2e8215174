import { patched, sleep } from '@temporalio/workflow';
import type { AuditInput, AuditResult } from '../../src/audit/steps.ts';
import { auditEntity as asReleased } from '../../src/workflows/audit-entity.ts';

export * from '../../src/workflows/index.ts';

/** The same change as it is made: audits that began before it continue without the new step. */
export async function auditEntity(input: AuditInput): Promise<AuditResult> {
  if (patched('wait-before-an-audit')) await sleep(100);
  return asReleased(input);
}
