import { describe, expect, it } from 'vitest';
import { readExpectedState } from '../../../src/database/musicbrainz/expected-state.ts';
import { itemName } from '../../../src/domain/documents/file-names.ts';
import type { ArchiveState } from '../../../src/simulator/archive/archive-state.ts';
import { type DriftCase, statusOf } from '../../../src/simulator/drift/drift-kind.ts';
import { addDrift, driftKinds } from '../../../src/simulator/drift/seed-demo.ts';
import { createTestDatabase } from '../../support/database.ts';
import { settle } from './audit-by-hand.ts';
import { newArchive } from './new-archive.ts';

const { db } = await createTestDatabase();

const kindsOfType = driftKinds.flatMap((kind) => kind.entityTypes.map((entityType) => ({ kind, entityType })));

describe.each(kindsOfType)('$kind.name of a $entityType', ({ kind, entityType }) => {
  // Of two entities of one kind either may be audited first, and its repairs may mend the other one too.
  const orders = [
    ['first', (cases: readonly DriftCase[]) => cases],
    ['last', (cases: readonly DriftCase[]) => [...cases].reverse()],
  ] as const;
  it.each(orders.slice(0, kind.outcomes.length))(
    'comes to what it says with its first entity audited %s, and loses no image',
    async (order, inOrder) => {
      const archive = newArchive();
      const cases = await addDrift(db, archive, kind.name, { entityType, seed: order });
      const results = await settle(db, archive, inOrder(cases));
      for (const [at, { gid, outcome }] of cases.entries()) {
        const result = results.get(gid);
        const found = JSON.stringify(result?.first, null, 1);
        if (at === 0) expect(result?.outcome, found).toBe(outcome);
        else expect(result && statusOf(result.outcome), found).toBe(statusOf(outcome));
      }
      expect(archive.lostOriginals()).toEqual([]);
    },
  );
});

describe('the table of drift kinds', () => {
  it('names each kind once, with a sentence about it', () => {
    const names = driftKinds.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(driftKinds.filter(({ description }) => !/^\S.{10,}\.$/.test(description))).toEqual([]);
  });

  it('covers orphans of every identity, for releases and events', async () => {
    const archive = newArchive();
    const identities = new Set<string>();
    for (const { kind, entityType } of kindsOfType) {
      for (const { gid } of await addDrift(db, archive, kind.name, { entityType, seed: 'identities' })) {
        identities.add(`${entityType} ${(await readExpectedState(db, { entityType, gid })).identity}`);
      }
    }
    const all = ['live', 'merged', 'deleted', 'unknown'];
    expect(identities).toEqual(new Set(all.flatMap((identity) => [`release ${identity}`, `event ${identity}`])));
  });

  it('refuses a kind that there is not, and one of the other entity type', async () => {
    const archive = newArchive();
    await expect(addDrift(db, archive, 'indx_missing', { entityType: 'release', seed: 1 })).rejects.toThrow(
      'indx_missing',
    );
    await expect(addDrift(db, archive, 'title_not_derived', { entityType: 'event', seed: 1 })).rejects.toThrow('event');
    expect(archive.identifiers()).toEqual([]);
  });
});

describe('an item in step', () => {
  it('has what MusicBrainz lists, under the archive’s names, with derivatives and metadata', async () => {
    const archive: ArchiveState = newArchive();
    const [entity] = await addDrift(db, archive, 'in_step', { entityType: 'release', seed: 'shape' });
    const item = archive.item(itemName(entity?.gid ?? ''));
    const { images } = await readExpectedState(db, { entityType: 'release', gid: entity?.gid ?? '' });
    const names = item?.files.map(({ name }) => name);
    for (const { id, suffix } of images) {
      expect(names).toContain(`mbid-${entity?.gid}-${id}.${suffix}`);
      expect(names).toContain(`mbid-${entity?.gid}-${id}_thumb250.jpg`);
    }
    expect(item?.metadata).toMatchObject({ collection: 'coverartarchive', mediatype: 'image', noindex: 'true' });
    expect([item?.metadata['external-identifier']].flat()).toContain(`urn:mb_release_id:${entity?.gid}`);
  });
});
