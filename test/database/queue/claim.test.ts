import { beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { A, B, claim, dueIds, emptyQueue, index, insertEvent, insertEvents, refusal, rowOf } from './queue.ts';

const test = await createTestDatabase();
beforeEach(() => emptyQueue(test.db));

describe('a claim', () => {
  it('makes the row running with one attempt more, and knows what it was before', async () => {
    const id = await insertEvent(test.db, { ...index(A), attempts: 1, age: 200, unchanged: 100 });
    const before = await rowOf(test.db, id);
    const taken = await claim(test.db, id, 'run-1');
    expect(taken).toMatchObject({
      attempt: 2,
      entityType: 'release',
      action: 'index',
      message: { gid: A },
      origin: 'trigger',
    });
    expect(await rowOf(test.db, id)).toMatchObject({ state: 'running', attempts: 2, created: before.created });
    const { rows } = await test.db.query('select * from artwork_reconciler.event_claim');
    expect(rows).toMatchObject([
      { event: id, run_id: 'run-1', attempt: 2, attempts_before: 1, last_updated_before: before.last_updated },
    ]);
  });

  it('is the same when its run asks again, and nobody else gets it', async () => {
    const id = await insertEvent(test.db);
    const first = await claim(test.db, id, 'run-1');
    expect(await claim(test.db, id, 'run-1')).toEqual(first);
    expect(await claim(test.db, id, 'run-2')).toMatchObject({ reason: 'it is claimed by workflow run run-1' });
    expect((await rowOf(test.db, id)).attempts).toBe(1);
  });

  it('is refused for an event that is gone', async () => {
    expect(await refusal(test.db, 999_999_999)).toMatch(/does not exist/);
  });

  it('is made of messages that nobody can make sense of, too: they have to fail', async () => {
    const odd = [{ gid: 'x'.repeat(5000) }, { gid: { no: 'text' } }, [], 'text', 7, null, { artwork_id: 'seven' }];
    for (const message of odd) {
      const id = await insertEvent(test.db, { action: 'delete_image', message });
      expect(await dueIds(test.db)).toEqual([id]);
      expect(await claim(test.db, id)).toMatchObject({ kind: 'claimed', message });
    }
  });

  it('leaves a row alone that another transaction has locked, and its item free', async () => {
    const [locked, other] = await insertEvents(test.db, [index(A), index(B)]);
    await test.db.transaction(async (tx) => {
      await tx.query('select from artwork_indexer.event_queue where id = $1 for update', [locked]);
      expect(await refusal(test.db, locked!)).toMatch(/locked/);
      expect(await claim(test.db, other!)).toMatchObject({ kind: 'claimed' });
    });
    expect(await claim(test.db, locked!)).toMatchObject({ kind: 'claimed' });
  });
});
