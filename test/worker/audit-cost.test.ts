import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditResult } from '../../src/audit/steps.ts';
import type { IndexImage } from '../../src/domain/documents/index-document.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import type { RequestKind } from '../../src/domain/queue/request-count.ts';
import { changeIndexImage, editXml } from '../../src/simulator/drift/documents.ts';
import { type ItemPlan, itemSeedOf, planItem } from '../../src/simulator/drift/item-plan.ts';
import { addDrift } from '../../src/simulator/drift/seed-demo.ts';
import { addEvent, addRelease, makeArtist } from '../../src/simulator/musicbrainz/builders.ts';
import { changeImage } from '../../src/simulator/musicbrainz/changes.ts';
import { beginAuditOf, seedItem, unpaced } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { historySize, payloadTexts } from '../support/histories.ts';

let deployment: Deployment;

/** In report mode, so that what is counted is the audit's alone. */
beforeAll(async () => {
  deployment = await startDeployment({ settings: { ...unpaced, AUDIT_MODE: 'report' } });
  await deployment.startWorker();
});
afterAll(() => deployment.stop());

interface Audited {
  readonly result: AuditResult;
  readonly handle: WorkflowHandle;
  /** Kinds that came at all. */
  readonly requests: Partial<Record<RequestKind, number>>;
}

async function audited(key: EntityKey): Promise<Audited> {
  const { simulator } = deployment;
  simulator.resetRequests();
  const handle = await beginAuditOf(deployment, key);
  const result = (await handle.result()) as AuditResult;
  const counts = Object.entries(simulator.requests()).filter(([, count]) => count > 0);
  return { result, handle, requests: Object.fromEntries(counts) };
}

/** Every document is there and is to be downloaded: neither can be told by its md5. */
function everyDocumentDiffers(plan: ItemPlan): void {
  changeIndexImage(plan, 0, (image: IndexImage) => ({ ...image, comment: 'as it was before' }));
  editXml(plan, (xml) => xml.replace(/<title>|<name>/, '$&Formerly '));
  plan.derived['date'] = '1999';
}

describe('what is in step, byte for byte', () => {
  test.each([
    ['a release', () => addRelease(deployment.db, { images: 3 })],
    ['an event', () => addEvent(deployment.db, { images: 3 })],
    ['a release of 1,000 images', () => addRelease(deployment.db, { images: 1_000 })],
  ])('%s costs one request to the archive and one to the web service', async (_, add) => {
    const entity = await add();
    await seedItem(deployment, entity);
    const { result, handle, requests } = await audited(entity);
    expect(result).toMatchObject({ outcome: 'clean', findings: [] });
    expect(requests).toEqual({ metadata: 1, ws: 1 });
    const size = await historySize(handle);
    // With its words for Temporal's UI, a name, three links and five search attributes.
    expect(size.events).toBeLessThanOrEqual(13);
    expect(size.bytes).toBeLessThanOrEqual(4_500);
    expect(size.largestPayload).toBeLessThanOrEqual(64_000);
  });

  test('without images and without an item nothing but the absence is confirmed', async () => {
    const entity = await addRelease(deployment.db, { images: 0 });
    expect((await audited(entity)).requests).toEqual({ metadata: 1, details: 1 });
  });

  test('an orphan without an item costs the two requests of its absence, and the web service is asked', async () => {
    const [orphan] = await addDrift(deployment.db, deployment.simulator.archive, 'deleted_without_item', {
      entityType: 'release',
      seed: 'cost',
    });
    const { result, requests } = await audited(orphan!);
    expect(result.outcome).toBe('legacy');
    expect(requests).toEqual({ metadata: 1, details: 1, ws: 1 });
  });
});

describe('where every document has to be downloaded', () => {
  test('the history stays small', async () => {
    const entity = await addRelease(deployment.db, { images: 3 });
    await seedItem(deployment, entity, everyDocumentDiffers);
    const { result, handle, requests } = await audited(entity);
    expect(result.findings?.map(({ check }) => check)).toEqual(['index.value', 'xml.value']);
    expect(requests).toEqual({ metadata: 1, download: 2, node: 2, ws: 2, tasks: 1 });
    const size = await historySize(handle);
    expect(size.events).toBeLessThanOrEqual(60);
    expect(size.bytes).toBeLessThanOrEqual(25_000);
    expect(size.largestPayload).toBeLessThanOrEqual(64_000);
  });

  test('what was judged before under the same expectation is not downloaded again', async () => {
    const entity = await addRelease(deployment.db, { images: 3 });
    await seedItem(deployment, entity, everyDocumentDiffers);
    const first = await audited(entity);
    const second = await audited(entity);
    expect(second.requests).toEqual({ metadata: 1, ws: 2, tasks: 1 });
    expect(second.result).toEqual(first.result);

    // Another expectation of the index alone: that one is looked at again.
    await changeImage(deployment.db, 'release', entity.images[1]!.id, { comment: 'another one' });
    const third = await audited(entity);
    expect(third.requests).toMatchObject({ download: 1, node: 1 });
    expect(third.result.findings).toContainEqual({ check: 'index.value', count: 2, policy: 'index' });
  });

  test('what differs only in layout is clean, and costs no more the next time', async () => {
    for (const name of ['index_with_other_spacing', 'xml_with_other_layout']) {
      const [entity] = await addDrift(deployment.db, deployment.simulator.archive, name, {
        entityType: 'event',
        seed: 'cost',
      });
      expect((await audited(entity!)).requests).toMatchObject({ download: 1, node: 1 });
      const second = await audited(entity!);
      expect(second.result.outcome).toBe('clean');
      expect(second.requests).not.toHaveProperty('download');
    }
  });
});

describe('of 1,000 images', () => {
  test.each([
    ['which are all missing', missingItem, { check: 'item.exists', count: 1, policy: 'review' }],
    [
      'which another item holds as well, with every document to download',
      leftovers,
      { check: 'files.extra_image', count: 1_000, policy: 'delete_image' },
    ],
    [
      'which are only on the items of two merged MBIDs',
      onMergedItems,
      { check: 'files.image', count: 1_000, policy: 'copy_image' },
    ],
  ])('%s, the history stays within its bounds', async (_, seed, finding) => {
    const { result, handle } = await audited(await seed());
    expect(result.findings).toContainEqual(finding);
    const size = await historySize(handle);
    expect(size.events).toBeLessThanOrEqual(60);
    // Of each image in question the size goes along with the md5, twice where another item is asked: a copy is told by both.
    expect(size.bytes).toBeLessThanOrEqual(160_000);
    expect(size.largestPayload).toBeLessThanOrEqual(100_000);
  });
});

async function missingItem(): Promise<EntityKey> {
  return addRelease(deployment.db, { images: 1_000 });
}

/** All were moved to another release, and copied; nothing was deleted here. */
async function leftovers(): Promise<EntityKey> {
  const { db, simulator } = deployment;
  const from = await addRelease(db, { images: 1_001, credits: longCredits() });
  const into = await addRelease(db, { images: 0 });
  const plan = await planItem(db, from);
  await db.query(`update cover_art_archive.cover_art set release = $2 where release = $1 and ordering > 1`, [
    from.id,
    into.id,
  ]);
  everyDocumentDiffers(plan);
  simulator.archive.seedItem(itemSeedOf(plan));
  await seedItem(deployment, into);
  return from;
}

async function onMergedItems(): Promise<EntityKey> {
  const { db, simulator } = deployment;
  const into = await addRelease(db, { images: 0 });
  for (const part of [500, 500]) {
    const from = await addRelease(db, { images: part });
    simulator.archive.seedItem(itemSeedOf(await planItem(db, from)));
    // As a merge leaves it; one statement, where mergeEntity would renumber each.
    await db.query(
      `update cover_art_archive.cover_art set release = $2,
         ordering = ordering + (select coalesce(max(ordering), 0) from cover_art_archive.cover_art where release = $2)
       where release = $1`,
      [from.id, into.id],
    );
    await db.query(`delete from musicbrainz.release where id = $1`, [from.id]);
    await db.query(`insert into musicbrainz.release_gid_redirect (gid, new_id) values ($1, $2)`, [from.gid, into.id]);
  }
  return into;
}

function longCredits() {
  return Array.from({ length: 20 }, (_, n) => ({
    artist: makeArtist({ name: `One of very many artists on it, number ${n}` }),
    creditedAs: null,
    joinPhrase: ', ',
  }));
}

test('a history reads as what was expected, observed, found and decided; it is found by what came of it', async () => {
  const entity = await addEvent(deployment.db, { images: 3 });
  await seedItem(deployment, entity, everyDocumentDiffers);
  const { handle } = await audited(entity);
  expect(handle.workflowId).toBe(`audit-event-${entity.gid}`);
  const texts = payloadTexts(await handle.fetchHistory());
  const observed = texts.find((text) => text.includes('"observed"'));
  expect(observed).toContain('"identity":"live","expected":{"images":3,"presence":"present"},"item":"present"');
  expect(texts.join('\n')).toContain('"found":"\\"as it was before\\""');
  expect(texts.at(-1)).toContain('"outcome":"repair_queue"');
  const { searchAttributes } = await handle.describe();
  expect(searchAttributes).toMatchObject({
    ArtworkEntityType: ['event'],
    ArtworkProject: ['eaa'],
    ArtworkOutcome: ['repair_queue'],
  });
});
