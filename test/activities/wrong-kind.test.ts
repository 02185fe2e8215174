import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { auditAndApply, auditHere } from '../../src/activities/audit-here.ts';
import type { Dependencies } from '../../src/activities/dependencies.ts';
import { createEventHandlers } from '../../src/activities/event-handlers.ts';
import { ImpossibleError } from '../../src/activities/failures.ts';
import { createScanner } from '../../src/activities/scan.ts';
import { addEntities } from '../../src/database/entities/add-entities.ts';
import { noticeEndedEvent } from '../../src/database/entities/notice-ended-events.ts';
import { resolveNamed } from '../../src/database/musicbrainz/entity-kinds.ts';
import { indexFileName } from '../../src/domain/documents/file-names.ts';
import { type EntityKey, type EntityType, projects } from '../../src/domain/entity.ts';
import { noFaults } from '../../src/simulator/archive/faults.ts';
import type { ItemPlan } from '../../src/simulator/drift/item-plan.ts';
import { addEntity } from '../../src/simulator/musicbrainz/builders.ts';
import { deleteEntity, mergeEntity } from '../../src/simulator/musicbrainz/changes.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { keys } from '../clients/at-the-simulator.ts';
import { seedItem } from '../support/audits.ts';
import { createTestDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { dependenciesAt, withoutWaits } from './dependencies-at.ts';

/* An MBID that is listed as the other kind of entity is what MusicBrainz' tables and its item's collection say. */

const database = await createTestDatabase();
let simulator: Simulator;
let dependencies: Dependencies;
beforeAll(async () => {
  simulator = await startSimulator({ seed: 1, musicbrainz: database.db });
  dependencies = dependenciesAt(database, simulator, { ...withoutWaits, ...keys });
});
beforeEach(async () => {
  Object.assign(simulator.faults, noFaults());
  await emptyTables(database.db, 'artwork_reconciler.audit_entity', 'artwork_reconciler.archive_scan');
});

const other = (entityType: EntityType): EntityType => (entityType === 'release' ? 'event' : 'release');

/** An entity that once was or still is, with its item. */
async function addTo(
  entityType: EntityType,
  outcome: 'deleted' | 'live' | 'merged' | 'unknown',
  change: (plan: ItemPlan) => void = () => undefined,
): Promise<EntityKey> {
  const { db } = database;
  const key = { entityType, gid: randomUUID() };
  if (outcome === 'unknown') {
    const metadata = { collection: projects[entityType].collection, mediatype: 'image', noindex: 'true' };
    const files = [{ name: indexFileName, content: Buffer.from('{}') }];
    simulator.archive.seedItem({ identifier: `mbid-${key.gid}`, metadata, files });
    return key;
  }
  const entity = await addEntity(db, key, { images: outcome === 'live' ? 2 : 0 });
  await seedItem({ db, simulator }, entity, change);
  if (outcome === 'merged') await mergeEntity(db, entity, await addEntity(db, { entityType, gid: randomUUID() }));
  if (outcome === 'deleted') await deleteEntity(db, entity);
  return key;
}

const withoutIndex = (plan: ItemPlan): void => void plan.files.delete(indexFileName);

/** What each is, what it comes to once it is audited as that, and what is queued for it then. */
const corpus = (['release', 'event'] as const).flatMap((is) => [
  { is, what: 'live', make: () => addTo(is, 'live'), decision: 'clean', queued: [] },
  {
    is,
    what: 'live, without its index.json',
    make: () => addTo(is, 'live', withoutIndex),
    decision: 'repair_queue',
    queued: ['index'],
  },
  { is, what: 'merged', make: () => addTo(is, 'merged'), decision: 'repair_queue', queued: ['deindex'] },
  { is, what: 'deleted', make: () => addTo(is, 'deleted'), decision: 'repair_queue', queued: ['deindex'] },
  {
    is,
    what: 'in no table, with an item in its collection',
    make: () => addTo(is, 'unknown'),
    decision: 'repair_queue',
    queued: ['deindex'],
  },
]);

async function rows(gid: string): Promise<string[]> {
  const { rows: found } = await database.db.query<{ entity: string }>(
    `select entity_type || ' ' || status as entity from artwork_reconciler.audit_entity where gid = $1 order by 1`,
    [gid],
  );
  return found.map(({ entity }) => entity);
}

async function queuedFor(gid: string): Promise<string[]> {
  const { rows: found } = await database.db.query<{ event: string }>(
    `select entity_type || ' ' || action as event from artwork_indexer.event_queue where message->>'gid' = $1`,
    [gid],
  );
  return found.map(({ event }) => event);
}

const byAurelia = () => ({ actor: 'aurelia', stopped: new AbortController().signal });

describe.each(corpus)('a $is that is $what, and is listed as the other kind,', ({ is, make, decision, queued }) => {
  const listedAs = other(is);

  test('is audited as what it is; the wrong row is corrected, and its history says so', async () => {
    const { db } = database;
    const { gid } = await make();
    await addEntities(db, [{ entityType: listedAs, gid, priority: 100 }]);
    expect(await auditAndApply(dependencies, { entityType: listedAs, gid }, byAurelia())).toMatchObject({
      key: { entityType: is, gid },
      audit: { decision },
    });
    expect(await rows(gid)).toEqual([`${is} ${decision}`]);
    expect(await queuedFor(gid)).toEqual(queued.map((action) => `${is} ${action}`));
    const { rows: said } = await db.query<{ reason: string }>(
      `select reason from artwork_reconciler.audit where cause = 'other_kind' and reason like '%' || $1 || '%'`,
      [gid],
    );
    expect(said).toEqual([{ reason: expect.stringContaining(listedAs) as string }]);
  });

  test('goes where it has a row of its own, which gets the higher priority', async () => {
    const { db } = database;
    const { gid } = await make();
    await addEntities(db, [
      { entityType: listedAs, gid, priority: 200 },
      { entityType: is, gid, priority: 100 },
    ]);
    await auditAndApply(dependencies, { entityType: listedAs, gid }, byAurelia());
    expect(await rows(gid)).toEqual([`${is} ${decision}`]);
    expect(await queuedFor(gid)).not.toContain(`${listedAs} deindex`);
  });

  test('is what it is for an audit that changes nothing, whatever its address says', async () => {
    const { gid } = await make();
    expect(await auditHere(dependencies, { entityType: listedAs, gid })).toMatchObject({
      key: { entityType: is, gid },
      decision,
    });
    expect(await rows(gid)).toEqual([]);
  });
});

test('a scan whose answers hold another query’s items adds each as what it is, and counts them', async () => {
  const entities = [await addTo('release', 'live'), await addTo('event', 'live'), await addTo('event', 'merged')];
  simulator.faults.scrapeOtherItems = 1;
  const scanner = createScanner(dependencies);
  const input = { dryRun: false, fromStart: true };
  await scanner.beginScanning('event', input);
  const { coverage } = await scanner.scanPage('event', input);
  expect(coverage.troubles.other_kind).toBeGreaterThanOrEqual(1);
  for (const { entityType, gid } of entities) expect(await rows(gid)).toEqual([`${entityType} unchecked`]);
});

test('an event of the wrong kind makes an audit entity of the right one, and is indexed as that', async () => {
  const { db } = database;
  const { gid } = await addTo('release', 'live');
  const ended = { eventId: 1, entityType: 'event', gids: [gid], outcome: 'failed' } as const;
  await db.transaction((tx) => noticeEndedEvent(tx, ended, { recentDays: 30, settleMinutes: 60 }));
  expect(await rows(gid)).toEqual(['release unchecked']);
  expect(await resolveNamed(db, { entityType: 'event', gid })).toEqual({ entityType: 'release', gid });
});

test('an orphan by the tables whose item lies in the other collection is not judged', async () => {
  const { gid } = await addTo('release', 'deleted', (plan) => {
    plan.metadata['collection'] = projects.event.collection;
  });
  expect(await auditAndApply(dependencies, { entityType: 'release', gid }, byAurelia())).toMatchObject({
    audit: { decision: 'not_now', cause: 'kind_disputed' },
  });
  expect(await rows(gid)).toEqual(['release unchecked']);
  expect(await queuedFor(gid)).toEqual([]);
});

const writes = (gid: string): number =>
  simulator.requestLog().filter(({ method, url }) => method === 'DELETE' && url.includes(gid)).length;

describe('a deindex looks again right before its request', () => {
  test.each(['release', 'event'] as const)(
    'an audit’s of a live %s is not sent, as either kind',
    async (entityType) => {
      const { gid } = await addTo(entityType, 'live');
      const handlers = createEventHandlers(dependencies);
      for (const kind of ['release', 'event'] as const) {
        await expect(handlers.deleteIndex({ entityType: kind, gid }, 'audit')).rejects.toThrow(ImpossibleError);
      }
      await expect(handlers.deleteIndex({ entityType: other(entityType), gid }, 'trigger')).rejects.toThrow(
        /is a live/,
      );
      expect(writes(gid)).toBe(0);
    },
  );
});

test.each(['trigger', 'requeued'] as const)(
  'a deindex of an entity that has images again is done without a request (%s)',
  async (origin) => {
    const key = await addTo('release', 'live');
    const handlers = createEventHandlers(dependencies);
    expect(await handlers.deleteIndex(key, origin)).toEqual({
      nothingToDo: 'not deindexed: MusicBrainz lists images for this entity again',
    });
    expect(writes(key.gid)).toBe(0);
    const emptied = await addEntity(database.db, { entityType: 'release', gid: randomUUID() }, { images: 0 });
    expect(await handlers.deleteIndex(emptied, origin)).toBe('sent');
    expect(writes(emptied.gid)).toBe(1);
  },
);

describe('a deletion of an image whose MBID is of the other kind is not sent, whoever asks', () => {
  test.each(['live', 'merged', 'deleted'] as const)('of one that is %s', async (outcome) => {
    const { gid } = await addTo('release', outcome);
    const handlers = createEventHandlers(dependencies);
    for (const origin of ['trigger', 'requeued', 'audit'] as const) {
      const message = { artwork_id: 1, gid, suffix: 'jpg' } as const;
      const order = { eventId: 1, entityType: 'event', message, origin } as const;
      await expect(handlers.deleteImage(order)).rejects.toThrow(`not deleted: ${gid} is a release in MusicBrainz`);
    }
    expect(writes(gid)).toBe(0);
  });
});
