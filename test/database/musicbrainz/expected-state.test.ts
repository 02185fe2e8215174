import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readExpectedState } from '../../../src/database/musicbrainz/expected-state.ts';
import { entityTypes, type EntityKey } from '../../../src/domain/entity.ts';
import { addEntity } from '../../../src/simulator/musicbrainz/builders.ts';
import { changeImage, deleteEntity, mergeEntity, setPresence } from '../../../src/simulator/musicbrainz/changes.ts';
import type { ImageSpec } from '../../../src/simulator/musicbrainz/specs.ts';
import { createTestDatabase } from '../../support/database.ts';

const database = await createTestDatabase();

describe.each(entityTypes)('what MusicBrainz expects of a %s', (entityType) => {
  const newKey = (): EntityKey => ({ entityType, gid: randomUUID() });

  test('that is live: its images and their types in MusicBrainz’ order, and its presence', async () => {
    const { db } = database;
    const key = newKey();
    const first = entityType === 'release' ? 'Front' : 'Poster';
    const second = entityType === 'release' ? 'Back' : 'Flyer';
    const archive = entityType === 'release' ? 90_000_000_000 : 80_000_000_000;
    const given: Partial<ImageSpec>[] = [
      { id: archive + 2, ordering: 2, types: [second, 'Watermark', first], comment: 'größer', approved: false },
      { id: archive + 3, ordering: 1, types: [first], suffix: 'png' },
      // Of the same place as the first: the smaller id goes first.
      { id: archive + 1, ordering: 2, types: [], suffix: 'pdf' },
    ];
    await addEntity(db, key, { images: given });

    const state = await readExpectedState(db, key);

    expect(state).toMatchObject({ key, identity: 'live', mergedInto: null, mergedFrom: [], presence: 'present' });
    const seen = state.images.map(({ id, suffix, types, approved, comment }) => [
      id % 10,
      suffix,
      types,
      approved,
      comment,
    ]);
    expect(seen).toEqual([
      [3, 'png', [first], true, ''],
      [1, 'pdf', [], true, ''],
      [2, 'jpg', [first, second, 'Watermark'], false, 'größer'],
    ]);
    expect(state.images.map(({ isFront }) => isFront)).toEqual([true, false, false]);
    expect(state.images.map(({ isBack }) => isBack)).toEqual(
      entityType === 'release' ? [false, false, true] : [null, null, null],
    );
    expect(state.images.every(({ edit }) => Number.isSafeInteger(edit) && edit > 0)).toBe(true);
  });

  test('that is live without images: none, and whatever its flag says', async () => {
    const { db } = database;
    const key = newKey();
    await addEntity(db, key, { images: 0 });
    expect(await readExpectedState(db, key)).toMatchObject({ identity: 'live', presence: 'absent', images: [] });
    await setPresence(db, key, 'darkened');
    expect(await readExpectedState(db, key)).toMatchObject({ identity: 'live', presence: 'darkened', images: [] });
  });

  test('that was merged: where it redirects to; and the other names all that was merged into it, over chains too', async () => {
    const { db } = database;
    const [one, two, three] = [newKey(), newKey(), newKey()];
    for (const key of [one, two, three]) await addEntity(db, key);
    await mergeEntity(db, one, two);
    await mergeEntity(db, two, three);

    for (const key of [one, two]) {
      expect(await readExpectedState(db, key)).toEqual({
        key,
        identity: 'merged',
        mergedInto: three.gid,
        mergedFrom: [],
        presence: null,
        images: [],
      });
    }
    const target = await readExpectedState(db, three);
    expect(target).toMatchObject({ identity: 'live', mergedInto: null, mergedFrom: [one.gid, two.gid].sort() });
    expect(target.images).toHaveLength(3);
  });

  test('that was deleted', async () => {
    const { db } = database;
    const key = newKey();
    await addEntity(db, key);
    await deleteEntity(db, key);
    expect(await readExpectedState(db, key)).toMatchObject({ identity: 'deleted', presence: null, images: [] });
  });

  test('that it does not know, also where the gid was another kind of entity’s', async () => {
    const { db } = database;
    expect(await readExpectedState(db, newKey())).toMatchObject({ identity: 'unknown', presence: null, images: [] });
    const other: EntityKey = { entityType: entityType === 'release' ? 'event' : 'release', gid: randomUUID() };
    await addEntity(db, other);
    await deleteEntity(db, other);
    expect(await readExpectedState(db, { ...other, entityType })).toMatchObject({ identity: 'unknown' });
  });

  test('changes with the entity, and with nothing else', async () => {
    const { db } = database;
    const key = newKey();
    const { images } = await addEntity(db, key, { images: 2 });
    const before = await readExpectedState(db, key);
    await addEntity(db, newKey());
    expect(await readExpectedState(db, key)).toEqual(before);
    await changeImage(db, entityType, images[1]!.id, { ordering: 1 });
    await changeImage(db, entityType, images[0]!.id, { ordering: 2 });
    const after = await readExpectedState(db, key);
    expect(after.images.map(({ id }) => id)).toEqual([images[1]!.id, images[0]!.id]);
  });

  test('with an image of a type without a suffix is refused: what its file is called can’t be told', async () => {
    const { db } = database;
    const key = newKey();
    const { images } = await addEntity(db, key);
    const table = entityType === 'release' ? 'cover_art_archive.cover_art' : 'event_art_archive.event_art';
    const constraint = entityType === 'release' ? 'cover_art_mime_type_fkey' : 'event_art_mime_type_fkey';
    const inVain = db.transaction(async (tx) => {
      await tx.query(`alter table ${table} drop constraint ${constraint}`);
      await tx.query(`update ${table} set mime_type = 'image/tiff' where id = $1`, [images[0]!.id]);
      await readExpectedState(tx, key);
    });
    await expect(inVain).rejects.toThrow(/image\/tiff.*nothing is decided/);
  });
});
