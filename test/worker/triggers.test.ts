import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { installTriggers } from '../../src/database/schema/triggers.ts';
import { originalFileName } from '../../src/domain/documents/file-names.ts';
import { type EntityKey, entityTypes } from '../../src/domain/entity.ts';
import { addEntity } from '../../src/simulator/musicbrainz/builders.ts';
import { changeImage, deleteImage, mergeEntity, moveImage } from '../../src/simulator/musicbrainz/changes.ts';
import type { StoredEntity } from '../../src/simulator/musicbrainz/specs.ts';
import { seedItem } from '../support/audits.ts';
import { type Deployment, noAudits, startDeployment } from '../support/deployment.ts';
import { patience } from '../support/patience.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({ settings: noAudits });
  await installTriggers(deployment.db);
});
afterAll(() => deployment.stop());

/** Entities that are in step with the archive, and an empty queue. */
async function settled(entityType: EntityKey['entityType'], imageCounts: readonly number[]): Promise<StoredEntity[]> {
  const { db } = deployment;
  const entities: StoredEntity[] = [];
  for (const images of imageCounts) {
    entities.push(await addEntity(db, { entityType, gid: crypto.randomUUID() }, { images }));
  }
  for (const key of entities) await seedItem(deployment, key);
  await db.query('delete from artwork_indexer.event_queue');
  return entities;
}

async function untilDrained(): Promise<void> {
  await vi.waitFor(async () => {
    const { rows } = await deployment.db.query(
      `select e.action::text, e.state::text, e.message, reason.failure_reason
       from artwork_indexer.event_queue e left join artwork_indexer.event_failure_reason reason on reason.event = e.id
       where e.state <> 'completed'`,
    );
    expect(rows).toEqual([]);
  }, patience);
  deployment.simulator.archive.settle();
}

function files(gid: string): { originals: string[]; index: { images: { id: number; comment: string }[] } | null } {
  const found = deployment.simulator.archive.item(`mbid-${gid}`)?.files ?? [];
  const index = found.find(({ name }) => name === 'index.json');
  return {
    originals: found.map(({ name }) => name).filter((name) => /-\d+\.(jpg|png|gif|pdf)$/.test(name)),
    index: index === undefined ? null : (JSON.parse(Buffer.from(index.content).toString()) as never),
  };
}

describe.each(entityTypes)('a change in MusicBrainz’ rows of a %s is enough', (entityType) => {
  test('a comment, a merge, a deletion, and images that were moved to and fro before anybody worked', async () => {
    const { db, simulator } = deployment;
    const [commented, from, into, a, b] = (await settled(entityType, [1, 2, 1, 2, 1])) as [
      StoredEntity,
      StoredEntity,
      StoredEntity,
      StoredEntity,
      StoredEntity,
    ];
    await changeImage(db, entityType, commented.images[0]!.id, { comment: 'as of now' });
    await mergeEntity(db, from, into);
    const [stays, goes] = [a.images[0]!.id, a.images[1]!.id];
    for (const to of [b, a, b]) await moveImage(db, entityType, stays, to.gid);
    for (const to of [b, a]) await moveImage(db, entityType, goes, to.gid);
    await deleteImage(db, entityType, goes);
    simulator.archive.permitRemoval(goes);

    const worker = await deployment.startWorker();
    await untilDrained();
    worker.shutdown();
    await worker.ended;

    expect(files(commented.gid).index?.images).toMatchObject([{ comment: 'as of now' }]);
    expect(files(from.gid)).toEqual({ originals: [], index: null });
    expectHeld(
      into,
      [...into.images, ...from.images].map(({ id }) => id),
    );
    expectHeld(a, []);
    expectHeld(b, [...b.images.map(({ id }) => id), stays]);
    expect(simulator.archive.lostOriginals()).toEqual([]);
    expect(simulator.violations()).toEqual([]);
  });
});

function expectHeld({ gid }: EntityKey, ids: readonly number[]): void {
  const { originals, index } = files(gid);
  expect(index?.images.map(({ id }) => id)).toEqual(ids);
  expect([...originals].sort()).toEqual(ids.map((id) => originalFileName(gid, id, 'jpg')).sort());
}
