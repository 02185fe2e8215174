import { describe, expect, it } from 'vitest';
import { readExpectedState } from '../../../src/database/musicbrainz/expected-state.ts';
import { entityTypes } from '../../../src/domain/entity.ts';
import { addEntity, addImage } from '../../../src/simulator/musicbrainz/builders.ts';
import {
  changeImage,
  deleteEntity,
  deleteImage,
  mergeEntity,
  moveImage,
} from '../../../src/simulator/musicbrainz/changes.ts';
import { createRandom } from '../../../src/simulator/random.ts';
import { createTestDatabase } from '../../support/database.ts';

const { db } = await createTestDatabase();

const random = createRandom('changes');

describe.each(entityTypes)('a change of a %s', (entityType) => {
  const newKey = () => ({ entityType, gid: random.uuid() });
  const imageIds = async (gid: string) => (await readExpectedState(db, { entityType, gid })).images.map(({ id }) => id);

  it('that merges it moves its images behind the other’s and redirects its gid, and those that redirected to it', async () => {
    const [oldest, from, into] = [
      await addEntity(db, newKey(), { images: 1 }),
      await addEntity(db, newKey(), { images: 2 }),
      await addEntity(db, newKey(), { images: 2 }),
    ];
    await mergeEntity(db, oldest, from);
    await mergeEntity(db, from, into);
    const ids = [into, from, oldest].flatMap(({ images }) => images.map(({ id }) => id));
    expect(await imageIds(into.gid)).toEqual(ids);
    for (const { gid } of [oldest, from]) {
      expect(await readExpectedState(db, { entityType, gid })).toMatchObject({
        identity: 'merged',
        mergedInto: into.gid,
        images: [],
      });
    }
    expect((await readExpectedState(db, into)).mergedFrom).toEqual([oldest.gid, from.gid].sort());
  });

  it('that deletes it leaves its gid among the deleted ones, and nothing of its images', async () => {
    const entity = await addEntity(db, newKey(), { name: 'Gone "soon"', images: 2 });
    await deleteEntity(db, entity);
    expect(await readExpectedState(db, entity)).toMatchObject({ identity: 'deleted', images: [], presence: null });
    const { rows } = await db.query<{ data: unknown }>('select data from musicbrainz.deleted_entity where gid = $1', [
      entity.gid,
    ]);
    expect(rows[0]?.data).toMatchObject({
      entity_type: entityType,
      entity_gid: entity.gid,
      last_known_name: 'Gone "soon"',
    });
  });

  it('that deletes an image moves the others up', async () => {
    const { images, ...entity } = await addEntity(db, newKey(), { images: 3 });
    await deleteImage(db, entityType, images[0]?.id ?? 0);
    expect(await imageIds(entity.gid)).toEqual(images.slice(1).map(({ id }) => id));
    expect(await addImage(db, entity)).toMatchObject({ ordering: 3 });
  });

  it('that moves an image puts it behind those of its new entity', async () => {
    const [from, to] = [await addEntity(db, newKey(), { images: 2 }), await addEntity(db, newKey(), { images: 1 })];
    await moveImage(db, entityType, from.images[0]?.id ?? 0, to.gid);
    expect(await imageIds(to.gid)).toEqual([to.images[0]?.id, from.images[0]?.id]);
    expect(await imageIds(from.gid)).toEqual([from.images[1]?.id]);
  });

  it('of an image’s comment leaves its types, and the other way round', async () => {
    const type = entityType === 'release' ? 'Obi' : 'Ticket';
    const { images, ...entity } = await addEntity(db, newKey(), { images: [{ types: [type], comment: 'old' }] });
    const id = images[0]?.id ?? 0;
    await changeImage(db, entityType, id, { comment: '𝄞 "new"' });
    expect((await readExpectedState(db, entity)).images).toMatchObject([{ comment: '𝄞 "new"', types: [type] }]);
    await changeImage(db, entityType, id, { types: [] });
    expect((await readExpectedState(db, entity)).images).toMatchObject([{ comment: '𝄞 "new"', types: [] }]);
  });

  it('refuses what MusicBrainz does not have, by name', async () => {
    const entity = await addEntity(db, newKey());
    await expect(addImage(db, entity, { types: ['Frnot'] })).rejects.toThrow('"Frnot"');
    await expect(deleteEntity(db, newKey())).rejects.toThrow('nothing was changed');
    await expect(deleteImage(db, entityType, 7)).rejects.toThrow('image 7');
  });
});
