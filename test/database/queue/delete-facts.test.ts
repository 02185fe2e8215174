import { beforeEach, describe, expect, it } from 'vitest';
import { readDeleteFacts } from '../../../src/database/attempts/delete-facts.ts';
import { addEntity } from '../../../src/simulator/musicbrainz/builders.ts';
import { moveImage } from '../../../src/simulator/musicbrainz/changes.ts';
import { createTestDatabase } from '../../support/database.ts';
import { A, B, C, copy, deletion, emptyQueue, insertEvent, insertEvents, type NewEvent } from './queue.ts';

const test = await createTestDatabase();
beforeEach(() => emptyQueue(test.db));

describe('what the database knows of an image that is to be deleted', () => {
  const message = { artwork_id: 7, gid: A, suffix: 'jpg' };
  const copyOf7 = { artwork_id: 7, old_gid: A, new_gid: B };
  const facts = (eventId: number) =>
    readDeleteFacts(test.db, { eventId, entityType: 'release', message }, { settleMinutes: 60 });

  it('is that a copy created later wants it, unless the deletion depends on something', async () => {
    const [alone, wanted, other] = await insertEvents(test.db, [deletion(7, A), copy(7, A, B), copy(8, A, B)]);
    expect(other).toBeGreaterThan(0);
    expect((await facts(alone!)).waitingCopy).toEqual({ id: wanted, isEarlier: false });
    await test.db.query('update artwork_indexer.event_queue set depends_on = array[1::bigint] where id = $1', [alone]);
    expect((await facts(alone!)).waitingCopy).toBeNull();
  });

  it('is that an earlier copy is still open, whatever the deletion depends on', async () => {
    const [copied, deleted] = await insertEvents(test.db, [
      { ...copy(7, A, B), attempts: 5 },
      { ...deletion(7, A), dependsOn: [1] },
    ]);
    expect((await facts(deleted!)).waitingCopy).toEqual({ id: copied, isEarlier: true });
    await test.db.query(`update artwork_indexer.event_queue set state = 'completed' where id = $1`, [copied]);
    expect((await facts(deleted!)).waitingCopy).toBeNull();
  });

  it('is that a copy is earlier also where it has the larger id, as its transaction began before', async () => {
    const deleted = await insertEvent(test.db, deletion(7, A));
    const copied = await insertEvent(test.db, { ...copy(7, A, B), age: 1 });
    expect((await facts(deleted)).waitingCopy).toEqual({ id: copied, isEarlier: true });
  });

  it('is whose the image is for MusicBrainz, and whether a copy of it is coming, there or here', async () => {
    const id = await insertEvent(test.db, deletion(7, A));
    const none = { here: false, toOwner: false };
    expect(await facts(id)).toEqual({
      waitingCopy: null,
      listedHere: false,
      owner: null,
      ownersDeletion: null,
      copyIsComing: none,
      rememberedMd5: null,
      timesSnoozed: 0,
    });
    await addEntity(test.db, { entityType: 'release', gid: A }, { images: 0 });
    await addEntity(test.db, { entityType: 'release', gid: B }, { images: [{ id: 7 }] });
    expect(await facts(id)).toMatchObject({ listedHere: false, owner: { gid: B, suffix: 'jpg' }, copyIsComing: none });
    await insertEvent(test.db, { ...copy(7, C, B), state: 'completed', age: 100, unchanged: 59 });
    expect((await facts(id)).copyIsComing).toEqual({ here: false, toOwner: true });
    await test.db.query(
      `update artwork_indexer.event_queue set last_updated = now() - interval '61 minutes' where id <> $1`,
      [id],
    );
    expect((await facts(id)).copyIsComing).toEqual(none);
    await insertEvent(test.db, { ...copy(7, C, A), attempts: 5 });
    expect((await facts(id)).copyIsComing).toEqual({ here: true, toOwner: false });
    await moveImage(test.db, 'release', 7, A);
    expect(await facts(id)).toMatchObject({ listedHere: true, owner: null });
  });

  it.each<[what: string, later: NewEvent, state: Partial<NewEvent>]>([
    ['is created later and in progress', copy(7, A, B), { state: 'running' }],
    ['is of the other kind of entity', copy(7, A, B), { entityType: 'event' }],
    ['has the same number in another format', { ...copy(7, A, B), message: { ...copyOf7, suffix: 'png' } }, {}],
  ])('is not that a copy wants it that %s', async (_, later, state) => {
    const [deleted] = await insertEvents(test.db, [deletion(7, A), { ...later, ...state }]);
    expect((await facts(deleted!)).waitingCopy).toBeNull();
  });

  it('is not that an earlier copy wants it that waits for the deletion itself', async () => {
    const deleted = await insertEvent(test.db, deletion(7, A));
    await insertEvent(test.db, { ...copy(7, A, B), age: 5, dependsOn: [deleted] });
    expect((await facts(deleted)).waitingCopy).toBeNull();
  });

  it.each<[what: string, of: NewEvent]>([
    ['that failed', { ...copy(7, C, B), state: 'failed' }],
    ['of another image', copy(8, C, B)],
    ['of the other kind of entity', { ...copy(7, C, B), entityType: 'event' }],
    ['to another item', copy(7, B, C)],
  ])('is not that a copy is coming by one %s', async (_, of) => {
    const id = await deletionWithOwner();
    await insertEvent(test.db, of);
    expect((await facts(id)).copyIsComing).toEqual({ here: false, toOwner: false });
  });

  it.each<[what: string, of: NewEvent, isTold: boolean]>([
    ['waits', deletion(7, B), true],
    ['is in progress', { ...deletion(7, B), state: 'running' }, true],
    ['was carried out 59 minutes ago', { ...deletion(7, B), state: 'completed', age: 59 }, true],
    ['was carried out 61 minutes ago', { ...deletion(7, B), state: 'completed', age: 61 }, false],
    ['failed', { ...deletion(7, B), state: 'failed' }, false],
    ['is of another image', deletion(8, B), false],
    ['is of a file of another format', { ...deletion(7, B), message: { artwork_id: 7, gid: B, suffix: 'png' } }, false],
    ['is of the other kind of entity', { ...deletion(7, B), entityType: 'event' }, false],
    ['is of another item', deletion(7, C), false],
  ])('of the owner’s own file: a deletion that %s is told of or not', async (_, of, isTold) => {
    const id = await deletionWithOwner();
    const other = await insertEvent(test.db, of);
    expect((await facts(id)).ownersDeletion).toBe(isTold ? other : null);
  });

  it('is how often the deletion was snoozed, and not how often it was tried', async () => {
    const id = await insertEvent(test.db, deletion(7, A));
    await test.db.query(
      `insert into artwork_reconciler.event_attempt (event, run_id, attempt, started_at, outcome)
       values ($1, 'one', 1, now(), 'given_back'), ($1, 'two', 1, now(), 'queued'), ($1, 'three', 2, now(), 'given_back')`,
      [id],
    );
    expect((await facts(id)).timesSnoozed).toBe(2);
  });

  /** Of A's file of an image that MusicBrainz lists for B. */
  async function deletionWithOwner(): Promise<number> {
    await test.db.query('truncate musicbrainz.release_group cascade');
    await addEntity(test.db, { entityType: 'release', gid: A }, { images: 0 });
    await addEntity(test.db, { entityType: 'release', gid: B }, { images: [{ id: 7 }] });
    return insertEvent(test.db, deletion(7, A));
  }
});
