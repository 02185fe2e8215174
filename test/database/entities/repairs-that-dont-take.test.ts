import { describe, expect, test } from 'vitest';
import { withdrawEvents } from '../../../src/database/attempts/withdraw-events.ts';
import { resolveReview } from '../../../src/database/entities/close-review.ts';
import { readReview } from '../../../src/database/reviews/reviews.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  addAuditEntity,
  addEvent,
  audit,
  begin,
  endEvent,
  entityNow,
  finding,
  index,
  repair,
  review,
  statusOf,
} from './support.ts';
import { listReviews } from '../../support/lists.ts';

const { db } = await createTestDatabase();

type Key = Awaited<ReturnType<typeof addAuditEntity>>;
const word = (reviewId: number, note = 'asked the archive') => ({ reviewId, actor: 'aurelia', note });

async function openReviewOf(key: Key): Promise<number> {
  const open = await listReviews(db, { entityId: key.id, status: 'open', limit: 10 });
  expect(open).toHaveLength(1);
  return open[0]!.id;
}

describe('a review because repairs don’t take', () => {
  const wrong = finding('meta.collection', 'index');
  const asFound = { ...wrong, policy: 'review' } as const;
  async function stubborn() {
    const key = await addAuditEntity(db);
    const { eventIds } = await audit(db, key, repair([index(key)], wrong));
    await endEvent(db, { eventId: eventIds[0]!, entityType: key.entityType, gids: [key.gid] }, 'completed');
    await audit(db, key, review(asFound));
    return { ...key, reviewId: await openReviewOf(key) };
  }

  test('comes again at once after another event completed: the row of repairs continues', async () => {
    const key = await stubborn();
    const eventId = await addEvent(db, { key });
    await endEvent(db, { eventId, entityType: key.entityType, gids: [key.gid] }, 'completed');
    expect(await statusOf(db, key)).toBe('unchecked');
    expect((await begin(db, key)).repairedChecks).toEqual({ 'meta.collection': 1 });
    expect(await entityNow(db, key)).toMatchObject({ repairs: 1 });
  });

  test('stays open while repairs are tried once more for the same check', async () => {
    const key = await stubborn();
    await audit(db, key, repair([index(key)], wrong));
    expect(await readReview(db, key.reviewId)).toMatchObject({ status: 'open' });
  });

  test('closed by a person gives repairs another chance', async () => {
    const key = await stubborn();
    await resolveReview(db, word(key.reviewId));
    expect((await begin(db, key)).repairedChecks).toEqual({});
    expect(await entityNow(db, key)).toMatchObject({ repairs: 0 });
  });
});

test('repairs that were withdrawn count as no attempt: those before them count as they did', async () => {
  const key = await addAuditEntity(db);
  const { eventIds } = await audit(db, key, repair([index(key)]));
  await endEvent(db, { eventId: eventIds[0]!, entityType: key.entityType, gids: [key.gid] }, 'completed');
  const again = await audit(db, key, repair([index(key)]));
  expect(await entityNow(db, key)).toMatchObject({ repairs: 2 });
  await withdrawEvents(db, again.eventIds, { actor: 'aurelia' });
  expect((await begin(db, key)).repairedChecks).toEqual({ 'index.value': 1 });
  expect(await entityNow(db, key)).toMatchObject({ repairs: 1 });
});
