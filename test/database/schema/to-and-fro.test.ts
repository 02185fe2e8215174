import { describe, expect, test } from 'vitest';
import { entityTypes } from '../../../src/domain/entity.ts';
import { deleteEntity, deleteImage, moveImage } from '../../../src/simulator/musicbrainz/changes.ts';
import { copy, deletion, insertEvent } from '../queue/queue.ts';
import { type Made, musicbrainzWithTriggers } from './musicbrainz-with-triggers.ts';

const musicbrainz = musicbrainzWithTriggers();
const { make, queue, set } = musicbrainz;

let next = 4000;

describe.each(entityTypes)('an image of a %s that is moved to and fro before the queue is drained', (entityType) => {
  /** Entities A to D, the image at A, and each with another image, so that none is emptied. */
  async function start(): Promise<{ id: number; made: Made; move: (path: string) => Promise<void> }> {
    const id = (next += 10);
    const made = await make(entityType, { A: [id, id + 1], B: [id + 2], C: [id + 3], D: [id + 4] });
    const move = async (path: string): Promise<void> => {
      for (const to of path) await moveImage(musicbrainz.db, entityType, id, made[to]!.gid);
    };
    return { id, made, move };
  }
  /** The chain of copies and deletions, without the image's number. */
  const chain = async (id: number): Promise<string[]> =>
    (await queue()).filter((line) => !line.includes('index')).map((line) => line.replace(`${id} `, ''));

  test('A→B→C: each copy comes after the one that brings its source', async () => {
    const { id, move } = await start();
    await move('BC');
    expect(await queue()).toEqual([
      `1: copy_image ${id} A→B`,
      `2: delete_image ${id} A after 1`,
      '3: index A after 2',
      '4: index B after 2, 6',
      `5: copy_image ${id} B→C after 1`,
      `6: delete_image ${id} B after 5`,
      '7: index C after 6',
    ]);
  });

  test('A→B→A: it is not copied back before it was deleted there, or that deletion would be of the last copy', async () => {
    const { id, move } = await start();
    await move('BA');
    expect(await chain(id)).toEqual([
      '1: copy_image A→B',
      '2: delete_image A after 1',
      '5: copy_image B→A after 1, 2',
      '6: delete_image B after 5',
    ]);
  });

  test('A→B→A→B: the way back is dropped, and both indexes wait for what is left', async () => {
    const { id, move } = await start();
    await move('BAB');
    expect(await queue()).toEqual([
      `1: copy_image ${id} A→B`,
      `2: delete_image ${id} A after 1`,
      '3: index A after 2',
      '4: index B after 2',
    ]);
  });

  test('A→B→A→C: it continues from where the way back began', async () => {
    const { id, move } = await start();
    await move('BAC');
    expect(await queue()).toEqual([
      `1: copy_image ${id} A→B`,
      `2: delete_image ${id} A after 1`,
      '3: index A after 2, 6',
      '4: index B after 2, 6',
      `5: copy_image ${id} B→C after 1`,
      `6: delete_image ${id} B after 5`,
      '7: index C after 2, 6',
    ]);
  });

  test.each(['BABABAB', 'BCBAB', 'BCACAB', 'BCDCBAB'])(
    'A→%s: the transaction is not ended, and the chain is one',
    async (path) => {
      const { id, move } = await start();
      await move(path);
      const deletions = (await chain(id)).filter((line) => line.includes('delete'));
      expect(new Set(deletions.map((line) => line.replace(/^\d+/, ''))).size).toBe(deletions.length);
      // Every event but the first depends on one before it.
      expect((await chain(id)).slice(1).every((line) => line.includes(' after '))).toBe(true);
    },
  );

  test('all of it in one transaction comes to the same', async () => {
    const { id, made } = await start();
    await musicbrainz.db.transaction(async (tx) => {
      for (const to of 'BABAC') await moveImage(tx, entityType, id, made[to]!.gid);
    });
    expect(await chain(id)).toEqual([
      '1: copy_image A→B',
      '2: delete_image A after 1',
      '5: copy_image B→C after 1',
      '6: delete_image B after 5',
    ]);
  });

  test('deleted after A→B: its copy is deleted once it was made', async () => {
    const { id, move } = await start();
    await move('B');
    await deleteImage(musicbrainz.db, entityType, id);
    expect(await chain(id)).toEqual(['1: copy_image A→B', '2: delete_image A after 1', '5: delete_image B after 1']);
  });

  test('deleted after A→B→A: it is deleted in both, and does not come back', async () => {
    const { id, move } = await start();
    await move('BA');
    await deleteImage(musicbrainz.db, entityType, id);
    expect(await queue()).toEqual([
      `1: copy_image ${id} A→B`,
      `2: delete_image ${id} A after 1`,
      '3: index A after 2, 5',
      '4: index B after 2, 5',
      `5: delete_image ${id} B after 1`,
    ]);
  });

  test('its entity deleted after A→B→A: likewise', async () => {
    const { id, made, move } = await start();
    await move('BA');
    await deleteEntity(musicbrainz.db, made.A!);
    expect(await queue()).toEqual([
      `1: copy_image ${id} A→B`,
      `2: delete_image ${id} A after 1`,
      '3: index B after 2, 5',
      `4: delete_image ${id + 1} A`,
      `5: delete_image ${id} B after 1`,
      '6: deindex A',
    ]);
  });

  test('A→B→A→B while the first deletion runs: the way back is dropped too, so that nothing is there twice', async () => {
    const { id, move } = await start();
    await move('B');
    await set([1], `state = 'completed', attempts = 1`);
    await set([2], `state = 'running', attempts = 1`);
    await move('AB');
    expect(await chain(id)).toEqual(['1: copy_image A→B (completed)', '2: delete_image A after 1 (running)']);
  });

  test('A→B→A when A→B is done: nothing but the way back', async () => {
    const { id, move } = await start();
    await move('B');
    await set([1, 2, 3, 4], `state = 'completed'`);
    await move('A');
    expect((await chain(id)).slice(2)).toEqual(['5: copy_image B→A', '6: delete_image B after 5']);
  });

  test('what others have queued of it is tied in: an audit’s deletion becomes MusicBrainz’ own, after the copy', async () => {
    const { id, made, move } = await start();
    const audits = await insertEvent(musicbrainz.db, { entityType, ...deletion(id, made.A!.gid) });
    await musicbrainz.db.query(`insert into artwork_reconciler.event_origin (event, origin) values ($1, 'audit')`, [
      audits,
    ]);
    await move('B');
    expect(await chain(id)).toEqual(['1: copy_image A→B', '2: delete_image A after 1']);
    const { rows } = await musicbrainz.db.query('select from artwork_reconciler.event_origin');
    expect(rows).toHaveLength(0);
  });

  test('a copy that is queued already, by an audit, is this one', async () => {
    const { id, made, move } = await start();
    await insertEvent(musicbrainz.db, { entityType, ...copy(id, made.A!.gid, made.B!.gid) });
    await move('B');
    expect(await chain(id)).toEqual(['1: copy_image A→B', '2: delete_image A after 1']);
    await move('ABAB');
    expect(await chain(id)).toEqual(['1: copy_image A→B', '2: delete_image A after 1']);
  });

  test('a chain that artwork-indexer’s own triggers left behind, tied by nothing but its order, is shortened as well', async () => {
    const { id, made, move } = await start();
    const [a, b] = [made.A!.gid, made.B!.gid];
    for (const [there, back] of [
      [a, b],
      [b, a],
    ] as const) {
      const parent = await insertEvent(musicbrainz.db, { entityType, ...copy(id, there, back) });
      await insertEvent(musicbrainz.db, { entityType, ...deletion(id, there), dependsOn: [parent] });
    }
    await move('B');
    expect(await chain(id)).toEqual(['1: copy_image A→B', '2: delete_image A after 1']);
  });

  test('a deletion that somebody has put behind that very copy goes: it would be of the last copy', async () => {
    const { id, made, move } = await start();
    const first = await insertEvent(musicbrainz.db, { entityType, ...copy(id, made.A!.gid, made.B!.gid) });
    await insertEvent(musicbrainz.db, { entityType, ...deletion(id, made.B!.gid), dependsOn: [first] });
    await move('B');
    expect(await chain(id)).toEqual(['1: copy_image A→B', '2: delete_image A after 1']);
  });
});
