import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../../src/database/connection.ts';
import { addEntities, recheckEntities } from '../../../src/database/entity-states/index.ts';
import type { EntityKey } from '../../../src/domain/entity.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { addAuditEntity, entityNow, settings, statusOf } from './support.ts';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  ({ db } = database);
});
afterAll(() => database.close());

describe('entities audited long ago', () => {
  test('come round again, oldest first, and no others', async () => {
    const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);
    const old = await addAuditEntity(db, { status: 'clean', last_audit_at: daysAgo(366) });
    const older = await addAuditEntity(db, { status: 'legacy', last_audit_at: daysAgo(400) });
    const never = await addAuditEntity(db, { status: 'clean' });
    const fresh = await addAuditEntity(db, { status: 'clean', last_audit_at: daysAgo(364) });
    const reviewed = await addAuditEntity(db, { status: 'manual_review', last_audit_at: daysAgo(400) });
    expect(await recheckEntities(db, settings, { limit: 2 })).toBe(2);
    expect([await statusOf(db, never), await statusOf(db, older), await statusOf(db, old)]).toEqual([
      'unchecked',
      'unchecked',
      'clean',
    ]);
    expect(await recheckEntities(db, settings)).toBe(1);
    expect(await entityNow(db, old)).toMatchObject({ status: 'unchecked', dueAt: null, priority: 100 });
    expect([await statusOf(db, fresh), await statusOf(db, reviewed)]).toEqual(['clean', 'manual_review']);
  });
});

describe('entities that an import names', () => {
  test('are added, or raised in priority, never lowered, and keep their status', async () => {
    const fresh: EntityKey = { entityType: 'release', gid: randomUUID() };
    const low = await addAuditEntity(db, { status: 'clean', priority: 10 });
    const high = await addAuditEntity(db, { priority: 1000 });
    const named = [fresh, low, high].map(({ entityType, gid }) => ({ entityType, gid, priority: 200 }));
    const batch = [...named, { ...fresh, gid: fresh.gid.toUpperCase(), priority: 100 }];
    expect(await addEntities(db, batch)).toEqual({ added: 1, raised: 1, known: 1 });
    expect(await entityNow(db, fresh)).toMatchObject({ status: 'unchecked', priority: 200, dueAt: null });
    expect(await entityNow(db, low)).toMatchObject({ status: 'clean', priority: 200 });
    expect(await entityNow(db, high)).toMatchObject({ priority: 1000 });
    expect(await addEntities(db, batch)).toEqual({ added: 0, raised: 0, known: 3 });
    expect(await addEntities(db, [])).toEqual({ added: 0, raised: 0, known: 0 });
  });
});
