import type { EntityType } from '../../domain/entity.ts';
import type { Transaction } from '../connection.ts';
import type { HeldEntity } from './lock-claim.ts';
import { makeUnchecked } from './make-unchecked.ts';

/**
 * Makes the row of an MBID that was listed as the other kind of entity the row of what it is, to be audited now. Where it
 * has a row of its own, the wrong one goes, and the history of the right one says so.
 *
 * The caller holds the wrong row's lock.
 *
 * @param auditId the audit that found it, already written
 */
export async function correctKind(
  tx: Transaction,
  wrong: Pick<HeldEntity, 'gid' | 'id'>,
  entityType: EntityType,
  auditId: number,
): Promise<void> {
  const { rows } = await tx.query<{ id: number }>(
    `select id from artwork_reconciler.audit_entity where entity_type = $1 and gid = $2 for update`,
    [entityType, wrong.gid],
  );
  const [right] = rows;
  if (right === undefined) {
    await tx.query(
      `update artwork_reconciler.audit_entity
       set entity_type = $2, repairs = 0, repaired_checks = null, returns = 0, return_reasons = null
       where id = $1`,
      [wrong.id, entityType],
    );
    return makeUnchecked(tx, wrong.id, { waitSeconds: null, cause: null });
  }
  await tx.query(`update artwork_reconciler.audit set audit_entity_id = $2 where id = $1`, [auditId, right.id]);
  await tx.query(
    `update artwork_reconciler.audit_entity entity set priority = greatest(entity.priority, wrong.priority)
     from artwork_reconciler.audit_entity wrong where entity.id = $1 and wrong.id = $2`,
    [right.id, wrong.id],
  );
  await tx.query(`delete from artwork_reconciler.audit_entity where id = $1`, [wrong.id]);
}
