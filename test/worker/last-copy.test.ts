import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { requeueEvents } from '../../src/database/queue/requeue-events.ts';
import { originalFileName } from '../../src/domain/documents/file-names.ts';
import type { RequestKind } from '../../src/domain/queue/request-count.ts';
import { noFaults } from '../../src/simulator/archive/faults.ts';
import { addOriginal } from '../../src/simulator/drift/item-plan.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { deleteImage, moveImage } from '../../src/simulator/musicbrainz/changes.ts';
import type { StoredEntity } from '../../src/simulator/musicbrainz/specs.ts';
import { auditOf, seedItem, unpaced, untilQueueIsEmpty } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { expectSoundEnd } from '../support/end-of-test.ts';
import { patience } from '../support/patience.ts';

/*
 * What changes at MusicBrainz or at the archive between an audit's decision to delete an image and the request that
 * deletes it. Each of these ends with at least one original of every image; that is checked at the end of each.
 */

let deployment: Deployment;

beforeAll(async () => {
  deployment = await startDeployment({ settings: unpaced });
  await deployment.startWorker();
});
afterEach(async () => {
  Object.assign(deployment.simulator.faults, noFaults());
  await untilQueueIsEmpty(deployment.db);
  await expectSoundEnd(deployment);
});
afterAll(() => deployment.stop());

interface Scene {
  readonly here: StoredEntity;
  readonly owner: StoredEntity;
  readonly artworkId: number;
}

/** An image that was moved from here to its owner: copied there unless told otherwise, and never deleted here. */
async function movedImage({ copied = true } = {}): Promise<Scene> {
  const { db } = deployment;
  const here = await addRelease(db, { images: [{}, { suffix: 'jpg' }] });
  const owner = await addRelease(db, { images: 1 });
  const artworkId = here.images[1]!.id;
  await moveImage(db, 'release', artworkId, owner.gid);
  await seedItem(deployment, here, (plan) => addOriginal(plan, artworkId, 'jpg'));
  await seedItem(deployment, owner, (plan) => {
    if (!copied) plan.files.delete(originalFileName(owner.gid, artworkId, 'jpg'));
  });
  return { here, owner, artworkId };
}

function holds({ gid }: StoredEntity, artworkId: number): boolean {
  const files = deployment.simulator.archive.item(`mbid-${gid}`)?.files ?? [];
  return files.some(({ name }) => name === originalFileName(gid, artworkId, 'jpg'));
}

/** Holds the next answer of a kind about an entity's item back. @returns what resolves once that request came in */
function holdBack(kind: RequestKind, { gid }: StoredEntity): () => Promise<void> {
  const { simulator } = deployment;
  simulator.resetRequests();
  simulator.faults.slowSeconds = 2;
  simulator.faults.slow = { kinds: [kind], items: [`mbid-${gid}`], next: 1 };
  const arrived = (): boolean =>
    simulator.requestLog().some((request) => request.kind === kind && request.url.includes(gid));
  return () => vi.waitFor(() => expect(arrived()).toBe(true), patience);
}

/** The deletion of the image that an audit queued: its id, state and latest reason. */
async function deletion({ here, artworkId }: Scene): Promise<{ id: number; state: string; reason: string | null }> {
  const { rows } = await deployment.db.query<{ id: number; state: string; reason: string | null }>(
    `select id, state::text,
            (select failure_reason from artwork_indexer.event_failure_reason where event = event_queue.id
             order by created desc limit 1) as reason
     from artwork_indexer.event_queue
     where action = 'delete_image' and message->>'gid' = $1 and message->>'artwork_id' = $2
     order by id desc limit 1`,
    [here.gid, String(artworkId)],
  );
  if (!rows[0]) throw new Error(`no deletion of image ${artworkId} was queued`);
  return rows[0];
}

test('an image that is moved back while its deletion looks at the owner stays here', async () => {
  const { here, owner, artworkId } = await movedImage();
  const asked = holdBack('tasks', owner);
  expect(await auditOf(deployment, here)).toMatchObject({ outcome: 'repair_queue' });
  await asked();
  await moveImage(deployment.db, 'release', artworkId, here.gid);
  await untilQueueIsEmpty(deployment.db);
  expect(holds(here, artworkId)).toBe(true);
});

test('of two items that hold an image, audited as it is moved to and fro, one keeps it', async () => {
  const { here, owner, artworkId } = await movedImage();
  const asked = holdBack('tasks', owner);
  await auditOf(deployment, here);
  await asked();
  await moveImage(deployment.db, 'release', artworkId, here.gid);
  // Here still shows the image, as the deletion is not sent yet; so the owner's item seems to be the one to clear.
  expect(await auditOf(deployment, owner)).toMatchObject({ outcome: 'repair_queue' });
  await untilQueueIsEmpty(deployment.db);
  expect(holds(here, artworkId) || holds(owner, artworkId)).toBe(true);
});

test('an image that MusicBrainz deletes meanwhile is kept for a person, also when its deletion is queued again', async () => {
  const { db } = deployment;
  const scene = await movedImage();
  const asked = holdBack('tasks', scene.owner);
  await auditOf(deployment, scene.here);
  await asked();
  await deleteImage(db, 'release', scene.artworkId);
  await untilQueueIsEmpty(db);
  const failed = await deletion(scene);
  expect(failed).toMatchObject({ state: 'failed', reason: expect.stringContaining('may be the last copy') as string });

  await requeueEvents(db, [failed.id], { actor: 'somebody' });
  await untilQueueIsEmpty(db);
  expect(await deletion(scene)).toMatchObject({ id: failed.id, state: 'failed' });
  expect(holds(scene.here, scene.artworkId)).toBe(true);
});

test('a copy that the archive accepts and never makes is not deleted for', async () => {
  const { simulator } = deployment;
  const scene = await movedImage({ copied: false });
  simulator.faults.taskErrorSeconds = 0.1;
  simulator.faults.taskErrorEnds = 'dropped';
  simulator.faults.taskFailure = { items: [`mbid-${scene.owner.gid}`] };
  expect(await auditOf(deployment, scene.here)).toMatchObject({ outcome: 'repair_queue' });
  await untilQueueIsEmpty(deployment.db);
  expect(await deletion(scene)).toMatchObject({ state: 'failed' });
  expect(holds(scene.here, scene.artworkId)).toBe(true);
});
