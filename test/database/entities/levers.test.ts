import { describe, expect, test } from 'vitest';
import { confirmBulkAction, planBulkAction } from '../../../src/database/bulk-actions/bulk-action.ts';
import { resolveReview } from '../../../src/database/entities/close-review.ts';
import {
  excludeEntities,
  includeEntities,
  readExclusion,
  readExclusions,
} from '../../../src/database/entities/exclusion.ts';
import { endHandOvers, entitiesOfList, readHandOvers } from '../../../src/database/entities/hand-over.ts';
import type { EntityKey } from '../../../src/domain/entity.ts';
import { workOnBulkActions } from '../../support/bulk-actions.ts';
import { createTestDatabase } from '../../support/database.ts';
import { listReviews } from '../../support/lists.ts';
import { addAuditEntity, audit, begin, entityNow, finding, review } from './support.ts';

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

describe('an excluded entity', () => {
  const exclude = (id: number, actor: string) =>
    db.transaction((tx) => excludeEntities(tx, [id], { actor, note: 'a test item' }));
  const dark = review(finding('item.dark', 'review'));
  const statuses = async (entityId: number) =>
    (await listReviews(db, { entityId, limit: 10 })).map(({ status, resolvedBy }) => `${status} by ${resolvedBy}`);

  test('is in nobody’s hands, and of reviews its own open one is closed alone', async () => {
    const [entity, other] = [await addAuditEntity(db), await addAuditEntity(db)];
    for (const key of [entity, other]) await audit(db, key, dark);
    const [first] = await listReviews(db, { entityId: entity.id, limit: 10 });
    await resolveReview(db, { reviewId: first!.id, actor: 'aurelia', note: 'done' });
    await audit(db, entity, dark);
    await exclude(entity.id, 'ida');
    expect((await statuses(entity.id)).sort()).toEqual(['resolved by aurelia', 'wont_fix by ida']);
    expect(await statuses(other.id)).toEqual(['open by null']);
    expect(await entityNow(db, entity)).toMatchObject({ status: 'unchecked', dueCause: 'excluded', repairs: 0 });
    expect((await begin(db, other)).wontFixEvidence).toEqual([]);
  });

  test('is not the entity of the other kind that has its MBID', async () => {
    const entity = await addAuditEntity(db);
    const other: EntityKey = { entityType: 'event', gid: entity.gid };
    await exclude(entity.id, 'ida');
    const exclusionOf = await readExclusions(db, [entity.gid]);
    expect([exclusionOf(entity)?.excludedBy, exclusionOf(other)]).toEqual(['ida', undefined]);
  });

  test('stays whose it is when another excludes it, and is due once it is included', async () => {
    const [entity, waiting] = [
      await addAuditEntity(db),
      await addAuditEntity(db, { due_at: new Date(), due_cause: 'settling' }),
    ];
    await exclude(entity.id, 'ida');
    await exclude(entity.id, 'bob');
    expect(await readExclusion(db, entity.id)).toMatchObject({ excludedBy: 'ida', note: 'a test item' });
    await db.transaction((tx) => includeEntities(tx, [entity.id, waiting.id]));
    expect(await readExclusion(db, entity.id)).toBeNull();
    expect(await entityNow(db, entity)).toMatchObject({ status: 'unchecked', dueAt: null, dueCause: null });
    expect(await entityNow(db, waiting)).toMatchObject({ dueCause: 'settling' });
  });
});

describe('what is handed over', () => {
  const noon = '2026-01-31T12:00:00Z';
  const handOver = async ({ status = 'unchecked', by = 'ida', at = noon, seconds = 60 }) => {
    const entity = await addAuditEntity(db, { status });
    await db.query(
      `insert into artwork_reconciler.hand_over
         (audit_entity_id, handed_over_to, handed_over_by, handed_over_at, handed_over_until, checks)
       values ($1, 'archive_staff', $2, $3, now() + make_interval(secs => $4), '{item.dark}')`,
      [entity.id, by, at, seconds],
    );
    return entity;
  };

  test('is so until its time has come, and no less: of that who waits for a person is due', async () => {
    const over = await handOver({ status: 'manual_review', seconds: -1 });
    const mended = await handOver({ status: 'clean', seconds: -1 });
    const later = await handOver({ status: 'manual_review' });
    expect(await endHandOvers(db)).toBe(2);
    expect([...(await readHandOvers(db, [over.id, mended.id, later.id])).keys()]).toEqual([later.id]);
    const now = [over, mended, later].map(async (entity) => (await entityNow(db, entity)).status);
    expect(await Promise.all(now)).toEqual(['unchecked', 'clean', 'manual_review']);
  });

  test('by a list is what has its moment and its person, a page after the other', async () => {
    await db.query('truncate artwork_reconciler.hand_over');
    const ids = [(await handOver({})).id, (await handOver({})).id, (await handOver({})).id];
    await handOver({ by: 'bob' });
    await handOver({ at: '2026-01-31T12:00:01Z' });
    const page = (after: number, limit: number) =>
      entitiesOfList(db, { actor: 'ida', handedOverAt: noon, after, limit });
    expect([await page(0, 2), await page(ids[1]!, 2)]).toEqual([ids.slice(0, 2), ids.slice(2)]);
  });
});
