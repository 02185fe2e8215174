import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { itemName } from '../../../src/domain/documents/file-names.ts';
import { entityTypes } from '../../../src/domain/entity.ts';
import { statusOf } from '../../../src/simulator/drift/drift-kind.ts';
import { filesOf2024, inStep, inStepKinds, oldFiles } from '../../../src/simulator/drift/in-step.ts';
import { itemSeedOf, planItem, planLiveItems } from '../../../src/simulator/drift/item-plan.ts';
import { demoKinds, seedArchive, seedDemo } from '../../../src/simulator/drift/seed-demo.ts';
import { seedMusicbrainz } from '../../../src/simulator/musicbrainz/seed.ts';
import { createRandom } from '../../../src/simulator/random.ts';
import { createTestDatabase } from '../../support/database.ts';
import { settle } from './audit-by-hand.ts';
import { newArchive } from './new-archive.ts';

const { breakerExcept } = readConfig({ env: { ARCHIVE_CONTACT: 'tests@example.org' } }).audit;
const notDrifted = new Set([inStep, filesOf2024, ...inStepKinds, ...oldFiles].map(({ name }) => name));

/** Everything that is in an archive, as one text. */
function contentsOf(archive: ReturnType<typeof newArchive>): unknown {
  return archive
    .identifiers()
    .sort()
    .map((identifier) => {
      const item = archive.item(identifier);
      return [identifier, item?.dark, item?.metadata, item?.files.map(({ name, md5 }) => `${name} ${md5}`)];
    });
}

describe('the demo’s entities', () => {
  it('are as many as asked for, and enough of each sort of 60', () => {
    for (const entities of [0, 1, 2, 7, 60, 61, 200]) {
      for (const seed of [1, 2, 3, 4, 5]) {
        const outcomes = demoKinds(createRandom(seed), entities).flatMap((kind) => kind.outcomes);
        expect(outcomes).toHaveLength(entities);
        const share = (wanted: string) => outcomes.filter((outcome) => outcome === wanted).length;
        expect(share('clean')).toBeGreaterThanOrEqual(entities / 3);
        if (entities < 60) continue;
        expect(share('clean')).toBeGreaterThanOrEqual(22);
        expect(share('repaired')).toBeGreaterThanOrEqual(12);
        expect(share('manual_review')).toBeGreaterThanOrEqual(5);
        expect(share('legacy')).toBeGreaterThanOrEqual(4);
      }
    }
  });

  it('are the same for the same seed, on both sides, and come to what they say', async () => {
    const [first, second] = [await createTestDatabase(), await createTestDatabase()];
    const [archive, other] = [newArchive(), newArchive()];
    const cases = await seedDemo(first.db, archive, { seed: 4, entities: 60 });
    expect(await seedDemo(second.db, other, { seed: 4, entities: 60 })).toEqual(cases);
    expect(contentsOf(other)).toEqual(contentsOf(archive));
    expect(new Set(cases.map(({ gid }) => gid)).size).toBe(60);
    expect(new Set(cases.map(({ entityType }) => entityType)).size).toBe(2);
    const years = archive.identifiers().map((identifier) => archive.item(identifier)?.lastUpdated.getUTCFullYear());
    for (const year of [2012, 2015, 2018, 2021, 2024]) expect(years).toContain(year);

    const results = await settle(first.db, archive, cases);
    const found = cases.map((entity) => ({ ...entity, outcome: results.get(entity.gid)?.outcome }));
    expect(found.map(({ outcome, ...rest }) => ({ ...rest, status: outcome && statusOf(outcome) }))).toEqual(
      cases.map(({ outcome, ...rest }) => ({ ...rest, status: statusOf(outcome) })),
    );
    expect(archive.lostOriginals()).toEqual([]);

    // Most of what lives has files of earlier years, and of those only what has drifted is accused.
    const drifted = cases.filter(({ kind }) => !notDrifted.has(kind));
    const deciding = [...results].flatMap(
      ([
        gid,
        {
          first: { findings },
        },
      ]) =>
        findings
          .filter(({ check, policy }) => policy !== 'report' && !breakerExcept.includes(check))
          .map(({ check }) => ({ gid, check })),
    );
    expect(deciding.length).toBeLessThanOrEqual(drifted.length);
    const accused = cases.filter(({ gid, kind }) => notDrifted.has(kind) && deciding.some(({ gid: of }) => of === gid));
    expect(accused).toEqual([]);
  });
});

describe('an archive seeded from MusicBrainz', () => {
  it('is in step with it, orphans without items, and has drifted as asked beside that', async () => {
    const { db } = await createTestDatabase();
    const archive = newArchive();
    const musicbrainz = await seedMusicbrainz(db, { seed: 1, releases: 20, events: 10, darkened: 0.2, merged: 0.3 });
    const cases = await seedArchive(db, archive, { seed: 1, musicbrainz, drift: { index_missing: 3 } });
    const drifted = cases.filter(({ kind }) => kind === 'index_missing');
    expect(drifted.map(({ entityType }) => entityType)).toEqual(['release', 'event', 'release']);
    for (const { gid } of drifted) {
      expect(archive.item(itemName(gid))?.files.map(({ name }) => name)).not.toContain('index.json');
    }
    const results = await settle(db, archive, cases);
    expect(cases.map(({ gid }) => results.get(gid)?.outcome)).toEqual(cases.map(({ outcome }) => outcome));
    // As in the real archive, most of its files are not of today, and what the Perl indexer wrote is mended.
    const inStep = cases.filter(({ kind }) => kind === 'in_step');
    expect(inStep.filter(({ outcome }) => outcome === 'repaired').length).toBeGreaterThan(inStep.length / 4);
    await expect(seedArchive(db, archive, { seed: 1, drift: { nonsense: 1 } })).rejects.toThrow('nonsense');
  });
});

describe('the items of many entities', () => {
  it('are planned as those of one are', async () => {
    const { db } = await createTestDatabase();
    const { live } = await seedMusicbrainz(db, { seed: 9, releases: 8, events: 8, darkened: 0.3, withoutArt: 0.3 });
    for (const entityType of entityTypes) {
      const gids = live.filter((entity) => entity.entityType === entityType).map(({ gid }) => gid);
      const dayOf = (gid: string) => (gid < '8' ? '2018-05-01' : undefined);
      const together = await planLiveItems(db, entityType, gids, dayOf);
      const alone = await Promise.all(gids.sort().map((gid) => planItem(db, { entityType, gid }, dayOf(gid))));
      expect(together.map(itemSeedOf)).toEqual(alone.map(itemSeedOf));
    }
  });
});
