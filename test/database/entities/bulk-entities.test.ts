import { expect, test } from 'vitest';
import { confirmBulkAction, planBulkAction } from '../../../src/database/bulk-actions/bulk-action.ts';
import { workOnBulkActions } from '../../support/bulk-actions.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addAuditEntity, entityNow } from './support.ts';

const { db } = await createTestDatabase();

test.each([
  ['recheck_entities', 10, 10],
  ['recheck_entities', 1000, 1000],
  ['prioritise_entities', 10, 500],
  ['prioritise_entities', 1000, 1000],
] as const)('%s in bulk makes a clean one due, and its priority of %d becomes %d', async (kind, before, after) => {
  const entity = await addAuditEntity(db, { status: 'clean', priority: before, last_audit_at: new Date() });
  const id = await planBulkAction(db, { kind, filter: { ids: [entity.id] }, plannedBy: 'ida' });
  await workOnBulkActions(db);
  await confirmBulkAction(db, { id, by: { actor: 'ida' } });
  await workOnBulkActions(db);
  expect(await entityNow(db, entity)).toMatchObject({ status: 'unchecked', priority: after });
});
