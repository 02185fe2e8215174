import { beforeEach, describe, expect, it } from 'vitest';
import { completeEvent } from '../../../src/database/attempts/end-attempt.ts';
import { countWaitingRepairs } from '../../../src/database/queue/counts.ts';
import { insertRepairs, queueIndex } from '../../../src/database/queue/queue-event.ts';
import type { Repair } from '../../../src/domain/decision/decision.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  A,
  B,
  claim,
  copy,
  deletion,
  emptyQueue,
  index,
  indexRepair,
  insertEvent,
  openTransaction,
  refusal,
  rowOf,
  settings,
  take,
  untilBlocked,
} from './queue.ts';

const test = await createTestDatabase();
beforeEach(() => emptyQueue(test.db));

const image = { artwork_id: 1, suffix: 'jpg' };
const copyToB: Repair = {
  entityType: 'release',
  action: 'copy_image',
  message: { ...image, old_gid: A, new_gid: B },
  dependsOn: [],
};
const deleteFromA = (dependsOn: number[] = []): Repair => ({
  entityType: 'release',
  action: 'delete_image',
  message: { ...image, gid: A },
  dependsOn,
});
const insert = (repairs: readonly Repair[]) =>
  test.db.transaction(async (tx) => (await insertRepairs(tx, repairs)).eventIds);

describe('repairs', () => {
  it('are queued in their order, each depending on those it names, and marked as an audit’s', async () => {
    const [copied, deleted, ofA, ofB] = await insert([
      copyToB,
      deleteFromA([0]),
      indexRepair(A, [1]),
      indexRepair(B, [1]),
    ]);
    expect((await rowOf(test.db, copied!)).depends_on).toBeNull();
    expect((await rowOf(test.db, deleted!)).depends_on).toEqual([copied]);
    expect((await rowOf(test.db, ofA!)).depends_on).toEqual([deleted]);
    expect((await rowOf(test.db, ofB!)).depends_on).toEqual([deleted]);
    expect(await claim(test.db, copied!)).toMatchObject({ origin: 'audit', dependsOn: [] });
    expect(await countWaitingRepairs(test.db, 100)).toBe(4);
    expect(await countWaitingRepairs(test.db, 3)).toBe(3);
  });

  it('are not queued twice: what is queued already gains the dependency, and stays whose it was', async () => {
    const earlier = await insertEvent(test.db, { state: 'running' });
    const queued = await insertEvent(test.db, { ...deletion(1, A), dependsOn: [earlier] });
    const [copied, deleted] = await insert([copyToB, deleteFromA([0])]);
    expect(deleted).toBe(queued);
    expect((await rowOf(test.db, queued)).depends_on).toEqual([earlier, copied]);
    const { rows } = await test.db.query('select event from artwork_reconciler.event_origin');
    expect(rows).toEqual([{ event: copied }]);
    expect(await insert([copyToB, deleteFromA([0])])).toEqual([copied, deleted]);
    expect((await rowOf(test.db, queued)).depends_on).toEqual([earlier, copied]);
  });

  it('never wait for each other, whatever was queued before', async () => {
    const deleted = await insertEvent(test.db, deletion(1, A));
    const copied = await insertEvent(test.db, { ...copy(1, A, B), dependsOn: [deleted] });
    expect(await insert([copyToB, deleteFromA([0])])).toEqual([copied, deleted]);
    expect((await rowOf(test.db, deleted)).depends_on).toBeNull();
    expect(await refusal(test.db, deleted)).toBe('');
  });

  it('never wait for each other through a third one either', async () => {
    const deleted = await insertEvent(test.db, deletion(1, A));
    const between = await insertEvent(test.db, { ...index(B), dependsOn: [deleted] });
    const copied = await insertEvent(test.db, { ...copy(1, A, B), dependsOn: [between] });
    expect(await insert([copyToB, deleteFromA([0])])).toEqual([copied, deleted]);
    expect((await rowOf(test.db, deleted)).depends_on).toBeNull();
  });

  it('are told from those of the other kind of entity, and from other actions', async () => {
    const [ofRelease] = await insert([indexRepair(A)]);
    const [ofEvent] = await insert([{ ...indexRepair(A), entityType: 'event' }]);
    const deindexOfA: Repair = { entityType: 'release', action: 'deindex', message: { gid: A }, dependsOn: [] };
    const [deindexed] = await insert([deindexOfA]);
    expect(new Set([ofRelease, ofEvent, deindexed]).size).toBe(3);
    expect(await insert([indexRepair(A)])).toEqual([ofRelease]);
    expect(await insert([{ ...indexRepair(A), entityType: 'event' }])).toEqual([ofEvent]);
    expect(await insert([deindexOfA])).toEqual([deindexed]);
  });

  it('are queued again where the same one is running: it may have read what was there before', async () => {
    const running = await insertEvent(test.db, index(A));
    await take(test.db, running);
    const [again] = await insert([indexRepair(A)]);
    expect(again).not.toBe(running);
  });

  it('meet the same event of a trigger that is committed late', async () => {
    const trigger = await openTransaction(test.db);
    const queued = await insertEvent(trigger.tx, index(A));
    const inserting = insert([indexRepair(A)]);
    await untilBlocked(test.db);
    await trigger.commit();
    expect(await inserting).toEqual([queued]);
  });

  it('are all queued, or none', async () => {
    await expect(insert([copyToB, deleteFromA([7])])).rejects.toThrow('repair 1 depends on repair 7');
    expect((await test.db.query('select from artwork_indexer.event_queue')).rowCount).toBe(0);
  });

  it('no longer count as waiting once they have ended', async () => {
    const [id] = await insert([indexRepair(A)]);
    await completeEvent(test.db, await take(test.db, id!), settings);
    expect(await countWaitingRepairs(test.db, 100)).toBe(0);
  });
});

describe('an index that an operator asks for', () => {
  it('is queued once', async () => {
    const key = { entityType: 'event', gid: A } as const;
    const { id } = await test.db.transaction((tx) => queueIndex(tx, key));
    expect(await test.db.transaction((tx) => queueIndex(tx, key))).toMatchObject({ id, isNew: false });
    expect(await claim(test.db, id)).toMatchObject({
      entityType: 'event',
      action: 'index',
      message: { gid: A },
      origin: 'trigger',
    });
  });
});
