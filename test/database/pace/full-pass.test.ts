import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFullPass } from '../../../src/database/pace/repair-mode-plan.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
beforeAll(async () => (database = await createTestDatabase({ musicbrainz: false })));
afterAll(() => database.close());

const addEntities = (count: number) =>
  database.db.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid)
     select 'release', gen_random_uuid() from generate_series(1, $1::int)`,
    [count],
  );

test('a few entities are counted; of many the number is estimated, also right after they were added', async () => {
  const { db } = database;
  expect(await readFullPass(db, 600)).toEqual({ entities: 0, isEstimate: false, hours: 0 });
  await addEntities(1_500);
  expect(await readFullPass(db, 600)).toEqual({ entities: 1_500, isEstimate: false, hours: 2.5 });

  await addEntities(28_500);
  const many = await readFullPass(db, 600);
  expect(many.isEstimate).toBe(true);
  // Before the table was ever analyzed, the planner guesses the width of its rows.
  expect(many.entities).toBeGreaterThanOrEqual(10_000);
  await db.query('analyze artwork_reconciler.audit_entity');
  await addEntities(10_000);
  const analyzed = await readFullPass(db, 600);
  expect(analyzed.entities / 40_000).toBeGreaterThan(0.9);
  expect(analyzed.entities / 40_000).toBeLessThan(1.1);
  expect(analyzed.hours).toBe(analyzed.entities / 600);
});
