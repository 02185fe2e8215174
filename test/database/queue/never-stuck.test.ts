import fc from 'fast-check';
import { expect, it } from 'vitest';
import { completeEvent, failAttempt } from '../../../src/database/attempts/end-attempt.ts';
import { snoozeEvent } from '../../../src/database/attempts/release-event.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  A,
  B,
  C,
  copy,
  deindex,
  deletion,
  dueIds,
  emptyQueue,
  index,
  insertEvent,
  type NewEvent,
  settings,
  take,
} from './queue.ts';

const test = await createTestDatabase();

const gid = fc.constantFrom(A, B, C);
const image = fc.constantFrom(1, 2);
const order = fc.oneof(
  gid.map(index),
  gid.map(deindex),
  fc.tuple(image, gid).map(([id, item]) => deletion(id, item)),
  fc.tuple(image, gid, gid).map(([id, from, to]) => copy(id, from, to)),
);
/** Parents may come later than the event itself: a trigger appends them to what is queued already. */
const event = fc.record({
  order,
  kind: fc.constantFrom('release' as const, 'event' as const),
  rank: fc.integer({ min: 0, max: 1000 }),
  parents: fc.array(fc.nat(9), { maxLength: 2 }),
  attempts: fc.constantFrom(0, 0, 0, 1, 3),
});
const step = fc.constantFrom('complete' as const, 'complete' as const, 'fail' as const, 'release' as const);

/** Inserts them so that parents have a smaller rank than what depends on them: no circle, any order of ids. */
async function queue(events: readonly (typeof event extends fc.Arbitrary<infer E> ? E : never)[]): Promise<void> {
  await emptyQueue(test.db);
  const ids = new Map<number, number>();
  for (const [position, { order: message, kind, attempts }] of events.entries()) {
    const row: NewEvent = { ...message, entityType: kind, attempts, age: events.length - position };
    const twin = await test.db.query(
      `select from artwork_indexer.event_queue where entity_type = $1 and action = $2 and message = $3::jsonb`,
      [kind, row.action, JSON.stringify(row.message)],
    );
    if (twin.rowCount === 0) ids.set(position, await insertEvent(test.db, row));
  }
  for (const [position, { parents, rank }] of events.entries()) {
    const lower = parents.filter(
      (parent) => parent !== position && (events[parent]?.rank ?? Infinity) < rank && ids.has(parent),
    );
    if (!ids.has(position) || lower.length === 0) continue;
    await test.db.query('update artwork_indexer.event_queue set depends_on = $2::bigint[] where id = $1', [
      ids.get(position),
      lower.map((parent) => ids.get(parent)),
    ]);
  }
}

const letAllPass = async (): Promise<void> => {
  await test.db.query(
    `update artwork_indexer.event_queue set last_updated = last_updated - interval '5 hours' where state = 'queued'`,
  );
  await test.db.query('delete from artwork_reconciler.event_not_before');
};

it(
  'whatever is queued is carried out in the end, and what is found due can be claimed',
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 2, maxLength: 10 }),
        fc.infiniteStream(step),
        async (events, steps) => {
          await queue(events);
          for (let waited = false; ;) {
            const due = await dueIds(test.db);
            const open = await test.db.query(
              `select from artwork_indexer.event_queue where state in ('queued', 'running')`,
            );
            if (due.length === 0 && open.rowCount === 0) return;
            if (due.length === 0) {
              // Nothing runs, everything has waited long enough, and yet nothing may start: they wait for each other.
              expect(waited).toBe(false);
              waited = true;
              await letAllPass();
              continue;
            }
            waited = false;
            const holders = [];
            for (const id of due) holders.push(await take(test.db, id));
            for (const holder of holders) {
              const [next] = [...steps.take(1)];
              if (next === 'fail') await failAttempt(test.db, { ...holder, reason: 'x', permanent: false }, settings);
              else if (next === 'release')
                await snoozeEvent(test.db, { ...holder, reason: 'x', waitSeconds: 600 }, settings);
              else await completeEvent(test.db, holder, settings);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  },
);
