import type { Finding } from '../../domain/checks/finding.ts';
import type { Transaction } from '../connection.ts';

/**
 * Writes of which checks the audit that is just decided has findings, instead of what an earlier one had. What stands
 * already is left alone: most audits find again what the one before found, and write nothing.
 *
 * The caller holds the entity's row lock.
 */
export async function writeStandingFindings(
  tx: Transaction,
  entityId: number,
  findings: readonly Finding[],
): Promise<void> {
  await tx.query(
    `with gone as (
       delete from artwork_reconciler.standing_finding
       where audit_entity_id = $1 and not check_name = any ($2::text[])
     )
     insert into artwork_reconciler.standing_finding (audit_entity_id, check_name)
     select $1, check_name from unnest($2::text[]) check_name
     on conflict do nothing`,
    [entityId, [...new Set(findings.map(({ check }) => check))]],
  );
}
