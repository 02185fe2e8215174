import { beforeEach, describe, expect, test } from 'vitest';
import { wontFixReview } from '../../../src/database/entities/close-review.ts';
import { type FindingFilter, findingList, type ListedEntity } from '../../../src/database/entities/list-findings.ts';
import { releaseEntity } from '../../../src/database/entities/release-entity.ts';
import type { EntityKey } from '../../../src/domain/entity.ts';
import { namedLists } from '../../../src/export/named-lists.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addAuditEntity, audit, begin, clean, endEvent, finding, index, repair, review, settings } from './support.ts';
import { wholeList } from '../../support/lists.ts';
import { readList } from '../../../src/database/lists/list.ts';

const { db } = await createTestDatabase();
beforeEach(() => db.query('truncate artwork_reconciler.audit_entity cascade'));

const listed = (filter: FindingFilter, size = 2): Promise<ListedEntity[]> => wholeList(db, findingList, filter, size);

const gids = (entities: readonly EntityKey[]): string[] => entities.map(({ gid }) => gid);

const thumbnail = finding('files.thumbnail', 'report');
const noindex = finding('meta.noindex', 'review');

test('the newest decided audit is what counts: not what was found before, and not one that decided nothing', async () => {
  const mended = await addAuditEntity(db);
  await audit(db, mended, review(noindex));
  await audit(db, mended, clean);
  const shown = await addAuditEntity(db);
  await audit(db, shown, clean);
  const { auditId } = await audit(db, shown, review(noindex));
  const { entityId, runId } = await begin(db, shown);
  await releaseEntity(db, { entityId, runId, cause: 'unreadable', reason: '503' }, settings);
  expect(await listed({ checks: ['meta.noindex'] })).toEqual([
    expect.objectContaining({
      gid: shown.gid,
      auditId,
      decision: 'manual_review',
      identity: 'live',
      findings: [noindex],
    }),
  ]);
  expect(gids(await listed({ decisions: ['clean'] }))).toEqual([mended.gid]);
  expect(gids(await listed({ decisions: ['manual_review'] }))).toEqual([shown.gid]);
});

test('an entity that was never decided about is on no list', async () => {
  await addAuditEntity(db);
  expect(await listed({})).toEqual([]);
});

test('what may hold an original is not in the list for purging, also where a person lets that stand', async () => {
  const xml = finding('orphan.xml', 'review_last');
  const leftovers = finding('orphan.leftovers', 'review_last');
  const onlyXml = await addAuditEntity(db);
  await audit(db, onlyXml, review(xml));
  const onlyThumbnails = await addAuditEntity(db);
  await audit(db, onlyThumbnails, review(leftovers));
  for (const original of ['files.unknown', 'files.extra_image']) {
    for (const policy of ['review', 'report'] as const) {
      await audit(db, await addAuditEntity(db), review(finding(original, policy), leftovers));
    }
  }
  const left = await addAuditEntity(db);
  const { auditId } = await audit(db, left, review(finding('files.unknown', 'review'), leftovers));
  await wontFixReview(db, { reviewId: await openReviewOf(auditId), actor: 'tester', note: 'it is a scan' });
  const purge = namedLists.find(({ name }) => name === 'purge')!;
  expect(gids(await listed(purge.filter))).toEqual([onlyXml.gid, onlyThumbnails.gid]);
});

async function openReviewOf(auditId: number): Promise<number> {
  const { rows } = await db.query<{ id: number }>(
    'select id from artwork_reconciler.needs_manual_review where audit_id = $1',
    [auditId],
  );
  return rows[0]!.id;
}

describe('of entities with several findings each, a list', () => {
  const made: (EntityKey & { id: number })[] = [];
  beforeEach(async () => {
    made.length = 0;
    for (let n = 0; n < 9; n += 1) {
      const key = {
        entityType: n % 2 === 0 ? ('release' as const) : ('event' as const),
        gid: `00000000-0000-4000-8000-00000000000${n}`,
      };
      const entity = await addAuditEntity(db, { key });
      made.push(entity);
      if (n % 3 === 0) await audit(db, entity, { ...clean, findings: [thumbnail] });
      if (n % 3 === 1) await audit(db, entity, review(noindex, thumbnail));
      if (n % 3 === 2) await audit(db, entity, repair([index(entity)]));
    }
  });
  const numbers = (entities: readonly EntityKey[]): number[] => entities.map(({ gid }) => Number(gid.at(-1)));

  test.each([1, 2, 3, 100])('has each once, in the order of the ids, by pages of %d', async (size) => {
    expect(numbers(await listed({}, size))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(numbers(await listed({ checks: ['files.thumbnail', 'meta.noindex'] }, size))).toEqual([0, 1, 3, 4, 6, 7]);
    expect(numbers(await listed({ decisions: ['clean', 'repair_queue'] }, size))).toEqual([0, 2, 3, 5, 6, 8]);
    expect(numbers(await listed({ statuses: ['clean', 'manual_review'] }, size))).toEqual([0, 1, 3, 4, 6, 7]);
  });

  test('has what all of its conditions hold for', async () => {
    expect(numbers(await listed({ checks: ['files.thumbnail'], decisions: ['clean'] }))).toEqual([0, 3, 6]);
    expect(numbers(await listed({ checks: ['files.thumbnail'], entityType: 'event' }))).toEqual([1, 3, 7]);
    expect(numbers(await listed({ decisions: ['clean'], statuses: ['legacy'] }))).toEqual([]);
    expect(numbers(await listed({ statuses: [] }))).toEqual([]);
    expect(numbers(await listed({ checks: [] }))).toEqual([]);
    expect(numbers(await listed({ checks: ['no.such_check'] }))).toEqual([]);
  });

  test('by check shows the findings of these checks only', async () => {
    const [first] = await listed({ checks: ['meta.noindex'] });
    expect(first!.findings).toEqual([noindex]);
    expect((await listed({}))[1]!.findings).toEqual([noindex, thumbnail]);
  });

  test('continues where it was, though entities come and go meanwhile', async () => {
    const page = await readList(db, findingList, {}, { limit: 4, look: 4 });
    await db.query('delete from artwork_reconciler.audit_entity where id = any ($1)', [[made[0]!.id, made[5]!.id]]);
    const rest = await readList(db, findingList, {}, { limit: 100, look: 100, after: page.next });
    expect([...numbers(page.rows), ...numbers(rest.rows)]).toEqual([0, 1, 2, 3, 4, 6, 7, 8]);
    expect(rest.next).toBeNull();
  });
});

describe('a list of what is left to others', () => {
  const left = { checks: ['meta.noindex'], leftToOthers: true } as const;

  test('leaves out what repairs of ours are on their way for, until they were seen not to take', async () => {
    const entity = await addAuditEntity(db);
    const { eventIds } = await audit(db, entity, repair([index(entity)], finding('meta.noindex', 'index')));
    expect(await listed(left)).toEqual([]);
    expect(await listed({ checks: ['meta.noindex'] })).toHaveLength(1);
    await endEvent(db, { eventId: eventIds[0]!, entityType: 'release', gids: [entity.gid] }, 'completed');
    expect(await listed(left)).toEqual([]);
    await audit(db, entity, review(noindex));
    expect(gids(await listed(left))).toEqual([entity.gid]);
  });

  test('has what report mode would have repaired: nobody does', async () => {
    const entity = await addAuditEntity(db);
    await audit(db, entity, repair([index(entity)], finding('meta.noindex', 'index')), 'report');
    expect(gids(await listed(left))).toEqual([entity.gid]);
  });

  test('leaves out what a person lets stand', async () => {
    const entity = await addAuditEntity(db);
    await audit(db, entity, review(noindex));
    const { rows } = await db.query<{ id: number }>('select id from artwork_reconciler.needs_manual_review');
    await wontFixReview(db, { reviewId: rows[0]!.id, actor: 'ida', note: 'the archive will not' });
    expect(await listed(left)).toEqual([]);
    await audit(db, entity, { ...clean, findings: [finding('meta.noindex', 'report', 'other evidence')] });
    expect(gids(await listed(left))).toEqual([entity.gid]);
  });
});
