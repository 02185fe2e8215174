import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planBulkAction } from '../../../src/database/bulk-actions/bulk-action.ts';
import { stepBulkAction } from '../../../src/database/bulk-actions/step.ts';
import { requeueInBulk } from '../../../src/database/queue/bulk-requeue.ts';
import { requeueEvents } from '../../../src/database/queue/requeue-events.ts';
import { createTestDatabase } from '../../support/database.ts';
import { A, B, emptyQueue, index, insertEvents } from './queue.ts';
import { wholeList } from '../../support/lists.ts';
import { bulkRowList } from '../../../src/database/bulk-actions/list-bulk-rows.ts';

const database = await createTestDatabase();

/** An event of a small queue: what it is, and which of those before it it depends on. */
const event = fc.record({
  state: fc.constantFrom('failed', 'failed', 'failed', 'queued', 'completed'),
  gid: fc.constantFrom(A, B, null),
  parents: fc.array(fc.nat({ max: 6 }), { maxLength: 2 }),
});
type Drawn = typeof event extends fc.Arbitrary<infer One> ? One : never;

/** Fills the queue, which holds only one queued event of a kind; the others that are alike have failed. */
async function fill(drawn: readonly Drawn[]): Promise<number[]> {
  await emptyQueue(database.db);
  const queued = new Set<string>();
  const ids = await insertEvents(
    database.db,
    drawn.map(({ state, gid }) => {
      const isSecond = gid !== null && state === 'queued' && queued.has(gid);
      if (gid !== null && state === 'queued') queued.add(gid);
      return { ...(gid !== null && index(gid)), state: isSecond ? 'failed' : state };
    }),
  );
  for (const [position, { parents }] of drawn.entries()) {
    const dependsOn = [...new Set(parents.filter((parent) => parent < position))].map((parent) => ids[parent]);
    await database.db.query(
      'update artwork_indexer.event_queue set depends_on = nullif($2::bigint[], $3) where id = $1',
      [ids[position], dependsOn, []],
    );
  }
  return ids;
}

test('a dry run in batches of any size says of each event what requeueing all at once does', async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  process.stderr.write(`SEED=${seed}\n`);
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 4 }),
      async (drawn, chosen, batch) => {
        const ids = await fill(drawn);
        const asked = [...new Set(chosen.flatMap((position) => ids[position] ?? []))];
        const id = await planBulkAction(database.db, { kind: 'requeue', filter: { ids: asked }, plannedBy: 'rob' });
        while ((await stepBulkAction(database.db, { requeue: requeueInBulk }, { id, rows: batch })) === 'more');
        const rows = await wholeList(database.db, bulkRowList, { bulkAction: id });
        const planned = rows.map(({ target, planned: outcome, plannedReason }) => [target, outcome, plannedReason]);
        const { requeued, skipped, refused } = await requeueEvents(database.db, asked, { actor: 'rob' });
        const atOnce = [
          ...requeued.map((target) => [target, 'done', null]),
          ...skipped.map(({ id: target, twin }) => [target, 'skipped', `event ${twin} is the same, and queued`]),
          ...refused.map(({ id: target, reason }) => [target, 'refused', reason]),
        ].sort(([one], [other]) => Number(one) - Number(other));
        expect(planned).toEqual(atOnce);
      },
    ),
    { seed, numRuns: 60 },
  );
}, 600_000);
