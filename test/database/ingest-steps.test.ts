import { expect, test } from 'vitest';
import { addEntities } from '../../src/database/entities/add-entities.ts';
import { countOnce, forgetIngestSteps } from '../../src/database/ingest/steps.ts';
import { gidOf } from '../starters/files.ts';
import { createTestDatabase } from '../support/database.ts';

const { db } = await createTestDatabase({ musicbrainz: false });

const add = (step: string, ...numbers: number[]) =>
  countOnce(db, step, (tx) =>
    addEntities(
      tx,
      numbers.map((n) => ({ entityType: 'release', gid: gidOf(n), priority: 100 })),
    ),
  );

test('a step that is repeated after it was done, and nobody was told, counts what it counted', async () => {
  expect(await add('run/1', 1, 2)).toEqual({ added: 2, raised: 0, known: 0 });
  expect(await add('run/1', 1, 2)).toEqual({ added: 2, raised: 0, known: 0 });
  expect(await add('run/2', 2, 3)).toEqual({ added: 1, raised: 0, known: 1 });
});

test('a step that failed has done nothing, and is done when it is repeated', async () => {
  const failing = countOnce(db, 'run/3', async (tx) => {
    await addEntities(tx, [{ entityType: 'release', gid: gidOf(4), priority: 100 }]);
    throw new Error('the connection was cut');
  });
  await expect(failing).rejects.toThrow('cut');
  expect(await add('run/3', 4)).toEqual({ added: 1, raised: 0, known: 0 });
});

test('a step that is done twice at once is done once; the other is to be repeated, and then counts the same', async () => {
  const both = await Promise.allSettled([add('run/4', 5, 6), add('run/4', 5, 6)]);
  const done = both.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  expect(done.length).toBeGreaterThan(0);
  for (const counts of [...done, await add('run/4', 5, 6)]) expect(counts).toEqual({ added: 2, raised: 0, known: 0 });
});

test('steps are forgotten after a month', async () => {
  await db.query(`update artwork_reconciler.feeding_step set at = now() - interval '31 days' where step = 'run/1'`);
  await db.query(`update artwork_reconciler.feeding_step set at = now() - interval '29 days' where step = 'run/2'`);
  expect([await forgetIngestSteps(db), await forgetIngestSteps(db)]).toEqual([1, 0]);
});
