import { describe, expect, test } from 'vitest';
import { readAuditHistory } from '../../../src/database/audits/entity-history.ts';
import { switchToRepairMode } from '../../../src/database/entities/make-due.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  addAuditEntity,
  audit,
  dueInMinutes,
  entityNow,
  eventsOf,
  finding,
  index,
  repair,
  review,
  settings,
  statusOf,
} from './support.ts';
import { listReviews } from '../../support/lists.ts';

const { db } = await createTestDatabase();

describe('in report mode', () => {
  test('repairs are recorded, nothing is queued, and the entity waits for its re-audit', async () => {
    const key = await addAuditEntity(db, { priority: 200 });
    await audit(db, key, repair([index(key)]), 'report');
    expect(await eventsOf(db, key)).toEqual([]);
    expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', dueCause: 'report_mode', repairs: 0 });
    expect(await dueInMinutes(db, key)).toBe(settings.recheckDays * 24 * 60);
    expect(await readAuditHistory(db, key.id, { limit: 1 })).toMatchObject([
      { decision: 'repair_queue', mode: 'report', repairs: [{ eventId: null, action: 'index' }] },
    ]);
  });

  test('reviews are opened all the same', async () => {
    const key = await addAuditEntity(db);
    await audit(db, key, review(finding('files.image', 'review')), 'report');
    expect(await statusOf(db, key)).toBe('manual_review');
    expect(await listReviews(db, { entityId: key.id, status: 'open', limit: 10 })).toHaveLength(1);
  });

  test('switching to repair mode makes what was found due now, and nothing else', async () => {
    const found = await addAuditEntity(db);
    await audit(db, found, repair([index(found)]), 'report');
    const waiting = await addAuditEntity(db, { due_at: '2999-01-01', due_cause: 'settling' });
    expect(await switchToRepairMode(db)).toBeGreaterThanOrEqual(1);
    expect(await entityNow(db, found)).toMatchObject({ status: 'unchecked', dueAt: null, dueCause: null });
    expect(await entityNow(db, waiting)).toMatchObject({ dueCause: 'settling' });
    expect(await eventsOf(db, found)).toEqual([]);
    expect(await switchToRepairMode(db)).toBe(0);
  });
});
