import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { recentlyAdded } from '../../../src/database/entities/notice-ended-events.ts';
import {
  type BasisQuestion,
  fingerprintOf,
  readDecisionBasis,
  readDecisionBasisTogether,
} from '../../../src/database/audits/decision-basis.ts';
import { findImageOwners } from '../../../src/database/musicbrainz/image-owners.ts';
import { type EntityKey, entityTypes } from '../../../src/domain/entity.ts';
import { addEntity, addImage } from '../../../src/simulator/musicbrainz/builders.ts';
import {
  approveImage,
  changeImage,
  deleteEntity,
  deleteImage,
  mergeEntity,
  moveImage,
  setPresence,
} from '../../../src/simulator/musicbrainz/changes.ts';
import { createTestDatabase } from '../../support/database.ts';

const { db } = await createTestDatabase();

describe.each(entityTypes)('of a %s', (entityType) => {
  const newKey = (): EntityKey => ({ entityType, gid: randomUUID() });
  const type = entityType === 'release' ? 'Booklet' : 'Flyer';

  async function queueEvent(action: string, message: Record<string, unknown>, state = 'queued'): Promise<number> {
    const { rows } = await db.query<{ id: number }>(
      `insert into artwork_indexer.event_queue (entity_type, action, message, state) values ($1, $2, $3, $4) returning id`,
      [entityType, action, JSON.stringify(message), state],
    );
    return rows[0]!.id;
  }

  describe('the fingerprint', () => {
    const readFingerprint = async (about: BasisQuestion) => (await readDecisionBasis(db, about)).fingerprint;

    type Scene = Readonly<{ key: EntityKey; images: readonly { id: number }[]; other: EntityKey; extra: number }>;
    const changes: [string, (scene: Scene) => Promise<unknown>][] = [
      ['an image is added', ({ key }) => addImage(db, key)],
      ['an image is removed', ({ images }) => deleteImage(db, entityType, images[0]!.id)],
      ['an image is moved away', ({ images, other }) => moveImage(db, entityType, images[0]!.id, other.gid)],
      ['a comment changes', ({ images }) => changeImage(db, entityType, images[0]!.id, { comment: 'scan' })],
      ['types change', ({ images }) => changeImage(db, entityType, images[1]!.id, { types: [type] })],
      ['the order changes', ({ images }) => changeImage(db, entityType, images[0]!.id, { ordering: 9 })],
      ['an image’s edit is closed', ({ images }) => approveImage(db, entityType, images[1]!.id)],
      ['it is darkened', ({ key }) => setPresence(db, key, 'darkened')],
      ['it is merged', ({ key, other }) => mergeEntity(db, key, other)],
      ['another is merged into it', ({ key, other }) => mergeEntity(db, other, key)],
      ['it is deleted', ({ key }) => deleteEntity(db, key)],
      ['the owner of an extra image is darkened', ({ other }) => setPresence(db, other, 'darkened')],
      ['an extra image is nobody’s any more', ({ extra }) => deleteImage(db, entityType, extra)],
      ['an extra image becomes its own', ({ extra, key }) => moveImage(db, entityType, extra, key.gid)],
      ['an event that names it is queued', ({ key }) => queueEvent('index', { gid: key.gid })],
      ['an event that names it has ended', ({ key }) => queueEvent('deindex', { gid: key.gid }, 'completed')],
      [
        'a copy to it is queued',
        ({ key, other }) =>
          queueEvent('copy_image', { artwork_id: 1, old_gid: other.gid, new_gid: key.gid, suffix: 'jpg' }),
      ],
    ];

    test.each(changes)('changes when %s', async (_, change) => {
      const [key, other] = [newKey(), newKey()];
      const { images } = await addEntity(db, key, { images: [{}, { approved: false }] });
      const { images: others } = await addEntity(db, other);
      const extra = others[0]!.id;
      const about = { key, extraArtworkIds: [extra] };
      const before = await readFingerprint(about);
      expect(before).toMatch(/^[0-9a-f]{64}$/);
      expect(await readFingerprint(about)).toBe(before);
      await change({ key, images, other, extra });
      expect(await readFingerprint(about)).not.toBe(before);
    });

    test('does not change with anything else, nor with the order in which extra images are named', async () => {
      const [key, other] = [newKey(), newKey()];
      await addEntity(db, key);
      const { images } = await addEntity(db, other, { images: 2 });
      const extraArtworkIds = images.map(({ id }) => id);
      const before = await readFingerprint({ key, extraArtworkIds });
      const stranger = newKey();
      await addEntity(db, stranger);
      await queueEvent('index', { gid: stranger.gid });
      expect(await readFingerprint({ key, extraArtworkIds: [...extraArtworkIds].reverse() })).toBe(before);
    });

    test('is of the very values that are read with it', async () => {
      const [key, other] = [newKey(), newKey()];
      await addEntity(db, key);
      const { images } = await addEntity(db, other);
      const extraArtworkIds = [images[0]!.id, 4711];
      const basis = await readDecisionBasis(db, { key, extraArtworkIds });
      expect(fingerprintOf(basis, extraArtworkIds)).toBe(basis.fingerprint);
      expect(basis.owners).toEqual(new Map([[images[0]!.id, { gid: other.gid, suffix: 'jpg', presence: 'present' }]]));
    });
  });

  test('what a decision rests on is the same, read alone or with others', async () => {
    const keys = [newKey(), newKey(), newKey(), newKey()];
    const { images } = await addEntity(db, keys[0]!, { images: 2 });
    await addEntity(db, keys[1]!, { darkened: true });
    await queueEvent('index', { gid: keys[1]!.gid });
    await addEntity(db, keys[2]!);
    await mergeEntity(db, keys[2]!, keys[1]!);
    const about = keys.map((key) => ({ key, extraArtworkIds: [images[0]!.id] }));
    const together = await Promise.all(about.map((each) => readDecisionBasisTogether(db, each)));
    expect(together.map(({ expected }) => expected.identity)).toEqual(['live', 'live', 'merged', 'unknown']);
    expect(together[1]!.pending).toHaveLength(1);
    for (const [place, each] of about.entries()) expect(together[place]).toEqual(await readDecisionBasis(db, each));
  });

  test('the owners of images are found, wherever they are listed; nobody’s are left out', async () => {
    const [one, two] = [newKey(), newKey()];
    const { images: ofOne } = await addEntity(db, one, { images: [{ suffix: 'png' }] });
    const { images: ofTwo } = await addEntity(db, two, { images: [{ suffix: 'pdf' }], darkened: true });
    const owners = await findImageOwners(db, entityType, [ofOne[0]!.id, ofTwo[0]!.id, 4711]);
    expect(Object.fromEntries(owners)).toEqual({
      [ofOne[0]!.id]: { gid: one.gid, suffix: 'png', presence: 'present' },
      [ofTwo[0]!.id]: { gid: two.gid, suffix: 'pdf', presence: 'darkened' },
    });
    expect(await findImageOwners(db, entityType, [])).toEqual(new Map());
  });

  test('whether art was added lately is told by the edits that add art', async () => {
    const [old, recent, none] = [newKey(), newKey(), newKey()];
    await addEntity(db, old, { images: [{ ageDays: 40 }] });
    await addEntity(db, recent, { images: [{ ageDays: 40 }, { ageDays: 2 }] });
    await addEntity(db, none, { images: 0 });
    expect(await recentlyAdded(db, old, 30)).toBe(false);
    expect(await recentlyAdded(db, recent, 30)).toBe(true);
    expect(await recentlyAdded(db, recent, 1.5)).toBe(false);
    expect(await recentlyAdded(db, none, 30)).toBe(false);
    expect(await recentlyAdded(db, newKey(), 30)).toBe(false);
  });
});
