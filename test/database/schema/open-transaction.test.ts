import { expect, test } from 'vitest';
import { changeImage, moveImage } from '../../../src/simulator/musicbrainz/changes.ts';
import { musicbrainzWithTriggers } from './musicbrainz-with-triggers.ts';

const musicbrainz = musicbrainzWithTriggers();
const { make, queue } = musicbrainz;

/** What a worker, this one or the Python daemon, would take now. */
async function takeable(): Promise<number> {
  return musicbrainz.db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `select from artwork_indexer.event_queue where state = 'queued' for update skip locked`,
    );
    return rowCount ?? 0;
  });
}

test('an index that is queued already is not taken before the change that it is for too is committed', async () => {
  const { A } = await make('release', { A: [6001] });
  await changeImage(musicbrainz.db, 'release', 6001, { comment: 'one' });
  expect(await takeable()).toBe(1);
  await musicbrainz.db.transaction(async (tx) => {
    await changeImage(tx, 'release', 6001, { comment: 'two' });
    expect(await takeable()).toBe(0);
    await tx.query(`update musicbrainz.release set name = 'Another' where gid = $1`, [A!.gid]);
  });
  expect(await takeable()).toBe(1);
  expect(await queue()).toEqual(['1: index A']);
});

test('an index that is waited for with its row locked by a worker, and then runs, is queued once more', async () => {
  await make('release', { A: [6011] });
  await changeImage(musicbrainz.db, 'release', 6011, { comment: 'one' });
  let edited: Promise<void> | undefined;
  await musicbrainz.db.transaction(async (tx) => {
    await tx.query(`update artwork_indexer.event_queue set state = 'running' where state = 'queued'`);
    edited = changeImage(musicbrainz.db, 'release', 6011, { comment: 'two' });
  });
  await edited;
  expect(await queue()).toEqual(['1: index A (running)', '2: index A']);
});

test('a transaction that is rolled back leaves the queue as it was, also the chain that it had shortened', async () => {
  const { A, B } = await make('event', { A: [6021, 6022], B: [6023] });
  for (const to of [B!, A!]) await moveImage(musicbrainz.db, 'event', 6021, to.gid);
  const before = await queue();
  const undone = musicbrainz.db.transaction(async (tx) => {
    await moveImage(tx, 'event', 6021, B!.gid);
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(await queue()).toEqual(before);
});
