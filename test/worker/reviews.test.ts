import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readAuditHistory } from '../../src/database/audits/entity-history.ts';
import { resolveReview, wontFixReview } from '../../src/database/entities/close-review.ts';
import { readReview, type Review } from '../../src/database/reviews/reviews.ts';
import { originalFileName } from '../../src/domain/documents/file-names.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import type { StoredEntity } from '../../src/simulator/musicbrainz/specs.ts';
import { auditOf, entityNow, seedItem, untilStatus } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { listReviews } from '../support/lists.ts';
import { patience } from '../support/patience.ts';

/* How reviews live (life-cycles page, "Reviews"), with a worker, its pacer, and a person who says a word. */

let deployment: Deployment;

beforeAll(async () => {
  deployment = await startDeployment();
  await deployment.startWorker();
});
afterAll(() => deployment.stop());

const note = 'asked the archive';
const actor = 'aurelia';

/** A release whose item is hidden, though MusicBrainz does not say so: audited, and in review for it. */
async function hidden(): Promise<StoredEntity> {
  const entity = await addRelease(deployment.db, { images: 1 });
  await seedItem(deployment, entity);
  deployment.simulator.archive.setDark(`mbid-${entity.gid}`, true);
  expect(await auditOf(deployment, entity)).toMatchObject({ outcome: 'manual_review' });
  return entity;
}

/** A release with three images, from whose item a person removed the original of the first: audited, and in review. */
async function lacking(): Promise<StoredEntity> {
  const entity = await addRelease(deployment.db, { images: [{ suffix: 'jpg' }, { suffix: 'jpg' }, { suffix: 'jpg' }] });
  await seedItem(deployment, entity);
  removeOriginal(entity, 0);
  expect(await auditOf(deployment, entity)).toMatchObject({ outcome: 'manual_review' });
  return entity;
}

function removeOriginal({ gid, images }: StoredEntity, n: number): void {
  deployment.simulator.archive.removeAsOperator(`mbid-${gid}`, originalFileName(gid, images[n]!.id, 'jpg'));
}

async function reviewsOf(key: EntityKey): Promise<readonly Review[]> {
  const { id: entityId } = await entityNow(deployment.db, key);
  return listReviews(deployment.db, { entityId, limit: 10 });
}

async function openReviewOf(key: EntityKey): Promise<Review> {
  const open = (await reviewsOf(key)).filter(({ status }) => status === 'open');
  expect(open).toHaveLength(1);
  return open[0]!;
}

const evidenceOf = ({ reasons }: Review) => reasons.map(({ evidence }) => evidence);

test('a review is gone once an audit finds nothing any more, and says at which', async () => {
  const entity = await hidden();
  const { id } = await openReviewOf(entity);
  deployment.simulator.archive.setDark(`mbid-${entity.gid}`, false);
  expect(await auditOf(deployment, entity)).toMatchObject({ outcome: 'clean' });
  const [last] = await readAuditHistory(deployment.db, (await entityNow(deployment.db, entity)).id, { limit: 1 });
  expect(await readReview(deployment.db, id)).toMatchObject({
    status: 'resolved',
    resolutionNotes: `gone at audit ${last!.id}`,
    resolvedBy: null,
  });
});

test('its evidence is the same while the finding is, and another one when the finding is', async () => {
  const entity = await lacking();
  const first = await openReviewOf(entity);
  expect(evidenceOf(first)).toEqual([expect.stringMatching(/^[0-9a-f]{32,}$/)]);
  await auditOf(deployment, entity);
  const again = await openReviewOf(entity);
  expect([again.id, evidenceOf(again)]).toEqual([first.id, evidenceOf(first)]);
  removeOriginal(entity, 1);
  await auditOf(deployment, entity);
  const changed = await openReviewOf(entity);
  expect(changed.id).toBe(first.id);
  expect(changed.reasons).toMatchObject([{ check: 'files.image', count: 2 }]);
  expect(evidenceOf(changed)).not.toEqual(evidenceOf(first));
});

test('what a person called resolved and comes again is marked as regressed', async () => {
  const { db } = deployment;
  const entity = await hidden();
  const { id: reviewId } = await openReviewOf(entity);
  expect(await resolveReview(db, { reviewId, actor, note })).toMatchObject({ kind: 'done' });
  // It is due now: the pacer audits it.
  await untilStatus(db, entity, 'manual_review');
  expect(await reviewsOf(entity)).toMatchObject([
    { id: reviewId, status: 'resolved', resolvedBy: actor, resolutionNotes: note, regressed: false },
    { status: 'open', regressed: true, reasons: [{ check: 'item.dark' }] },
  ]);
});

test('what a person lets stand stays quiet until its evidence changes', async () => {
  const { db } = deployment;
  const entity = await lacking();
  const { id: reviewId } = await openReviewOf(entity);
  await wontFixReview(db, { reviewId, actor, note });
  await untilStatus(db, entity, 'clean');
  expect(await auditOf(deployment, entity)).toMatchObject({ outcome: 'clean' });
  const audits = await readAuditHistory(db, (await entityNow(db, entity)).id, { limit: 2 });
  for (const { findings } of audits) {
    expect(findings).toContainEqual(expect.objectContaining({ check: 'files.image', policy: 'report' }));
  }
  expect(await reviewsOf(entity)).toMatchObject([{ id: reviewId, status: 'wont_fix' }]);

  removeOriginal(entity, 2);
  expect(await auditOf(deployment, entity)).toMatchObject({ outcome: 'manual_review' });
  expect(await openReviewOf(entity)).toMatchObject({ reasons: [{ check: 'files.image', count: 2 }] });
});

test('an event of the entity that completes has it audited again, the review left open meanwhile', async () => {
  const { db, simulator } = deployment;
  const entity = await hidden();
  const { id } = await openReviewOf(entity);
  simulator.archive.setDark(`mbid-${entity.gid}`, false);
  await db.query(
    `insert into artwork_indexer.event_queue (entity_type, action, message)
     values ('release', 'index', jsonb_build_object('gid', $1::text))`,
    [entity.gid],
  );
  await vi.waitFor(async () => {
    expect(await readReview(db, id)).toMatchObject({ status: 'resolved', resolvedBy: null });
  }, patience);
  await untilStatus(db, entity, 'clean');
});
