import { describe, expect, test } from 'vitest';
import { entityTypes } from '../../../src/domain/entity.ts';
import { addImage } from '../../../src/simulator/musicbrainz/builders.ts';
import {
  changeImage,
  deleteEntity,
  deleteImage,
  mergeEntity,
  moveImage,
} from '../../../src/simulator/musicbrainz/changes.ts';
import { artTables } from '../../../src/simulator/musicbrainz/insert-images.ts';
import { musicbrainzWithTriggers } from './musicbrainz-with-triggers.ts';

const musicbrainz = musicbrainzWithTriggers();
const { make, queue, set } = musicbrainz;
const query = (sql: string, values: unknown[] = []) => musicbrainz.db.query(sql, values);

describe.each(entityTypes)('what happens to the art of a %s', (entityType) => {
  const { art, type, owner, typeName } = artTables[entityType];
  const base = entityType === 'release' ? 1000 : 2000;
  let next = base;
  const image = (): number => (next += 1);

  test('an image that is added: index, once for however many', async () => {
    const { A } = await make(entityType, { A: [] });
    await addImage(musicbrainz.db, A!);
    await addImage(musicbrainz.db, A!, { types: ['Poster', 'Other'].slice(entityType === 'event' ? 0 : 1) });
    expect(await queue()).toEqual(['1: index A']);
  });

  test.each(['comment = $$x$$', 'ordering = 9', 'edits_pending = 1', 'comment = comment'])(
    'any update of its row: index (%s)',
    async (assignment) => {
      const id = image();
      await make(entityType, { A: [id], B: [image()] });
      await query(`update ${art} set ${assignment} where id = $1`, [id]);
      expect(await queue()).toEqual(['1: index A']);
    },
  );

  test('a type that it gets or loses: index', async () => {
    const [one, other] = [image(), image()];
    await make(entityType, { A: [one], B: [other] });
    await query(`insert into ${type} (id, type_id) select $1, min(id) from ${typeName}`, [one]);
    expect(await queue()).toEqual(['1: index A']);
    await query(`delete from artwork_indexer.event_queue`);
    await query(`delete from ${type} where id = $1`, [one]);
    expect(await queue()).toEqual(['1: index A']);
  });

  test('an image that is deleted: its deletion, and index after it', async () => {
    const [one, other] = [image(), image()];
    await make(entityType, { A: [one, other] });
    await deleteImage(musicbrainz.db, entityType, other);
    expect(await queue()).toEqual([`1: delete_image ${other} A`, '2: index A after 1']);
    await deleteImage(musicbrainz.db, entityType, one);
    expect(await queue()).toEqual([`1: delete_image ${other} A`, '2: index A after 1, 3', `3: delete_image ${one} A`]);
  });

  test('several that one statement deletes: one index, after all of the deletions', async () => {
    const ids = [image(), image()];
    await make(entityType, { A: [...ids, image()] });
    await query(`delete from ${art} where id = any ($1::bigint[])`, [ids]);
    expect(await queue()).toEqual([
      `1: delete_image ${ids[0]} A`,
      `2: delete_image ${ids[1]} A`,
      '3: index A after 1, 2',
    ]);
  });

  test('types that go with their image add nothing', async () => {
    const id = image();
    await make(entityType, { A: [id] });
    await query(`insert into ${type} (id, type_id) select $1, min(id) from ${typeName}`, [id]);
    await query('delete from artwork_indexer.event_queue');
    await query(`delete from ${art} where id = $1`, [id]);
    expect(await queue()).toEqual([`1: delete_image ${id} A`, '2: index A after 1']);
  });

  test('an image that is moved while others stay: copy ← deletion ← index of both', async () => {
    const [one, other] = [image(), image()];
    const { B } = await make(entityType, { A: [one, other], B: [] });
    await moveImage(musicbrainz.db, entityType, one, B!.gid);
    expect(await queue()).toEqual([
      `1: copy_image ${one} A→B`,
      `2: delete_image ${one} A after 1`,
      '3: index A after 2',
      '4: index B after 2',
    ]);
  });

  test('the last image that is moved: the emptied one is deindexed, and its queued index dropped', async () => {
    const id = image();
    const { B } = await make(entityType, { A: [id], B: [image()] });
    await changeImage(musicbrainz.db, entityType, id, { comment: 'before' });
    expect(await queue()).toEqual(['1: index A']);
    await moveImage(musicbrainz.db, entityType, id, B!.gid);
    expect(await queue()).toEqual([
      `1: copy_image ${id} A→B`,
      `2: delete_image ${id} A after 1`,
      '3: deindex A after 2',
      '4: index B after 2',
    ]);
  });

  test('a merge: every image, and the deindex after the last deletion; the row’s deletion adds nothing', async () => {
    const [one, two] = [image(), image()];
    const { A, B } = await make(entityType, { A: [one, two], B: [image()] });
    await mergeEntity(musicbrainz.db, A!, B!);
    expect(await queue()).toEqual([
      `1: copy_image ${one} A→B`,
      `2: delete_image ${one} A after 1`,
      `3: copy_image ${two} A→B`,
      `4: delete_image ${two} A after 3`,
      '5: deindex A after 4',
      '6: index B after 2, 4',
    ]);
  });

  test('an emptied entity that gets an image again is indexed, not deindexed', async () => {
    const id = image();
    const { A, B } = await make(entityType, { A: [id], B: [] });
    await moveImage(musicbrainz.db, entityType, id, B!.gid);
    await addImage(musicbrainz.db, A!);
    expect(await queue()).toEqual([
      `1: copy_image ${id} A→B`,
      `2: delete_image ${id} A after 1`,
      '3: index B after 2',
      '4: index A',
    ]);
  });

  test('an entity that is deleted with its art: a deletion for each image, deindex, and no index', async () => {
    const [one, two] = [image(), image()];
    const { A } = await make(entityType, { A: [one, two] });
    await changeImage(musicbrainz.db, entityType, one, { comment: 'before' });
    await deleteEntity(musicbrainz.db, A!);
    expect(await queue()).toEqual([`1: delete_image ${one} A`, `2: delete_image ${two} A`, '3: deindex A']);
  });

  test('an entity that is deleted and had no art: nothing', async () => {
    const { A } = await make(entityType, { A: [] });
    await deleteEntity(musicbrainz.db, A!);
    expect(await queue()).toEqual([]);
  });

  test('an index that runs already is queued once more: it may have read MusicBrainz before the change', async () => {
    const id = image();
    await make(entityType, { A: [id] });
    await changeImage(musicbrainz.db, entityType, id, { comment: 'one' });
    await set([1], `state = 'running'`);
    await changeImage(musicbrainz.db, entityType, id, { comment: 'two' });
    expect(await queue()).toEqual(['1: index A (running)', '2: index A']);
  });

  test('messages are written as artwork-indexer writes them, artwork ids beyond 32 bits and suffixes included', async () => {
    const { A, B } = await make(entityType, { A: [], B: [] });
    const { id } = await addImage(musicbrainz.db, A!, { id: 40_000_000_000 + image(), suffix: 'pdf' });
    await moveImage(musicbrainz.db, entityType, id, B!.gid);
    const { rows } = await query(
      `select entity_type::text, state::text, attempts, message from artwork_indexer.event_queue where action <> 'index' order by id`,
    );
    const same = { entity_type: entityType, state: 'queued', attempts: 0 };
    expect(rows).toEqual([
      { ...same, message: { artwork_id: id, old_gid: A!.gid, new_gid: B!.gid, suffix: 'pdf' } },
      { ...same, message: { artwork_id: id, gid: A!.gid, suffix: 'pdf' } },
      { ...same, message: { gid: A!.gid } },
    ]);
    expect(await query(`select from ${art} where ${owner} is null`)).toMatchObject({ rowCount: 0 });
  });
});
