import type { EntityKey } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';

/** What a decision has to know of the entity's earlier audits and of what people said. */
export interface AuditPast {
  /** For each check, how many repairs in a row were to mend its finding. */
  readonly repairedChecks: Readonly<Record<string, number>>;
  /** Evidence of the findings that a person said shall stay. */
  readonly wontFixEvidence: readonly string[];
}

/** Reads an entity's past without claiming it; empty for one that is not known. */
export async function readAuditPast(q: Queryable, { entityType, gid }: EntityKey): Promise<AuditPast> {
  const { rows } = await q.query<AuditPast>(
    `select coalesce(repaired_checks, '{}') as "repairedChecks",
            array(select evidence from artwork_reconciler.wont_fix_evidence
                  where audit_entity_id = entity.id order by evidence) as "wontFixEvidence"
     from artwork_reconciler.audit_entity entity
     where entity_type = $1 and gid = $2`,
    [entityType, gid],
  );
  return rows[0] ?? { repairedChecks: {}, wontFixEvidence: [] };
}
