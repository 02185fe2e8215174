import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PastAudit, readAuditHistory } from '../../src/database/audits/entity-history.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import { changeIndexImage } from '../../src/simulator/drift/documents.ts';
import { addDrift } from '../../src/simulator/drift/seed-demo.ts';
import { addEvent, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import type { StoredEntity } from '../../src/simulator/musicbrainz/specs.ts';
import { entityNow, makeDue, seedItem, untilQueueIsEmpty, untilStatus } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { expectSoundEnd } from '../support/end-of-test.ts';
import { listReviews } from '../support/lists.ts';

/*
 * What follows a repair (audit catalogue, "After a repair"), in repair mode and at the pacer's pace. All entities are
 * due from the start; each test waits for its own.
 */

/** Of the deployment, in milliseconds: an item that changed this lately is not judged. */
const settles = 1_000;

let deployment: Deployment;
let mended: StoredEntity;
let stubborn: StoredEntity;
let refused: StoredEntity;
let misplaced: EntityKey;
let orphan: EntityKey;

beforeAll(async () => {
  deployment = await startDeployment({ settings: { AUDIT_SETTLE_MINUTES: String(settles / 60_000) } });
  const { db, simulator } = deployment;
  mended = await withOldIndex(await addEvent(db, { images: 2 }));
  stubborn = await withOldIndex(await addRelease(db, { images: 2 }));
  refused = await withOldIndex(await addRelease(db, { images: 1 }));
  const drift = async (name: string) =>
    (await addDrift(db, simulator.archive, name, { entityType: 'release', seed: 1 }))[0]!;
  misplaced = await drift('collection_wrong');
  orphan = await drift('merged_index_left');
  Object.assign(simulator.faults, {
    // The archive takes these writes, and never carries them out.
    taskFailure: { items: [`mbid-${stubborn.gid}`] },
    taskErrorSeconds: 0.1,
    taskErrorEnds: 'dropped',
    accessDenied: [`mbid-${refused.gid}`],
  });
  await makeDue(db, [mended, stubborn, refused, misplaced, orphan]);
  await deployment.startWorker();
});
afterAll(() => deployment.stop());

async function withOldIndex(entity: StoredEntity): Promise<StoredEntity> {
  await seedItem(deployment, entity, (plan) =>
    changeIndexImage(plan, 0, (image) => ({ ...image, comment: 'as it was before' })),
  );
  return entity;
}

/** Its audits that came to a decision, the oldest first. */
async function auditsOf(key: EntityKey): Promise<readonly PastAudit[]> {
  const { id } = await entityNow(deployment.db, key);
  const audits = await readAuditHistory(deployment.db, id, { limit: 100 });
  return audits.filter(({ decision }) => decision !== 'not_now').reverse();
}

async function decisionsOf(key: EntityKey): Promise<readonly string[]> {
  return (await auditsOf(key)).map(({ decision }) => decision);
}

interface EventRow {
  readonly action: string;
  readonly state: string;
  readonly ended: Date;
}

async function eventsOf({ gid }: EntityKey): Promise<readonly EventRow[]> {
  const { rows } = await deployment.db.query<EventRow>(
    `select action::text, state::text, last_updated as ended from artwork_indexer.event_queue
     where message->>'gid' = $1 order by id`,
    [gid],
  );
  return rows;
}

async function reviewOf(key: EntityKey): Promise<string> {
  const { id: entityId } = await entityNow(deployment.db, key);
  const reviews = await listReviews(deployment.db, { entityId, status: 'open', limit: 10 });
  expect(reviews).toHaveLength(1);
  return reviews[0]!.reviewReason;
}

test('what a repair has mended is seen to be gone, after the archive has settled, and is clean', async () => {
  await untilStatus(deployment.db, mended, 'clean');
  const audits = await auditsOf(mended);
  expect(audits.map(({ decision }) => decision)).toEqual(['repair_queue', 'clean']);
  expect(audits[1]!.findings).toEqual([]);
  const [event, ...others] = await eventsOf(mended);
  expect([event, others]).toMatchObject([{ action: 'index', state: 'completed' }, []]);
  const item = deployment.simulator.archive.item(`mbid-${mended.gid}`);
  expect(audits[1]!.decidedAt.getTime() - event!.ended.getTime()).toBeGreaterThanOrEqual(settles);
  expect(audits[1]!.decidedAt.getTime() - item!.lastUpdated.getTime()).toBeGreaterThanOrEqual(settles);
});

test('an orphan that is repaired is seen to be legacy', async () => {
  await untilStatus(deployment.db, orphan, 'legacy');
  expect(await decisionsOf(orphan)).toEqual(['repair_queue', 'legacy']);
  expect(await eventsOf(orphan)).toMatchObject([{ action: 'deindex', state: 'completed' }]);
});

test('what is still there after two repairs is for a person, who is told that repairs don’t take', async () => {
  await untilStatus(deployment.db, stubborn, 'manual_review');
  expect(await decisionsOf(stubborn)).toEqual(['repair_queue', 'repair_queue', 'manual_review']);
  expect(await reviewOf(stubborn)).toMatch(/index\.value.*repairs don’t take, it is still there after 2/);
});

test('what a re-upload can’t mend is uploaded once, and then for a person', async () => {
  await untilStatus(deployment.db, misplaced, 'manual_review');
  expect(await decisionsOf(misplaced)).toEqual(['repair_queue', 'manual_review']);
  expect(await reviewOf(misplaced)).toMatch(/meta\.collection.*repairs don’t take, it is still there after 1/);
});

test('an event that fails for good is for a person, who is told what the archive said', async () => {
  await untilStatus(deployment.db, refused, 'manual_review');
  expect(await decisionsOf(refused)).toEqual(['repair_queue']);
  expect(await reviewOf(refused)).toMatch(/a repair failed for good: index \(event \d+\): .*AccessDenied/);
});

test('when all have ended, nothing goes round: no event was queued more than that', async () => {
  const { db } = deployment;
  for (const key of [stubborn, misplaced, refused]) await untilStatus(db, key, 'manual_review');
  await untilQueueIsEmpty(db);
  await expectSoundEnd(deployment);
  expect(await eventsOf(stubborn)).toMatchObject([{ state: 'completed' }, { state: 'completed' }]);
  expect(await eventsOf(misplaced)).toMatchObject([{ state: 'completed' }]);
  expect(await eventsOf(refused)).toMatchObject([{ state: 'failed' }]);
  for (const key of [stubborn, misplaced, refused]) {
    expect(await entityNow(db, key)).toMatchObject({ status: 'manual_review', dueAt: null });
  }
});
