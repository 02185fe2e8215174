import { describe, expect, test } from 'vitest';
import { readFullPass } from '../../../src/database/pace/rate.ts';
import { createTestDatabase } from '../../support/database.ts';

const database = await createTestDatabase({ musicbrainz: false });

const addEntities = (count: number) =>
  database.db.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid)
     select 'release', gen_random_uuid() from generate_series(1, $1::int)`,
    [count],
  );

test('a few entities are counted; of many the number is estimated, also right after they were added', async () => {
  const { db } = database;
  expect(await readFullPass(db, 600)).toEqual({ entities: 0, isEstimate: false, auditsEach: 1, hours: 0 });
  await addEntities(1_500);
  expect(await readFullPass(db, 600)).toEqual({ entities: 1_500, isEstimate: false, auditsEach: 1, hours: 2.5 });

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

describe('what is repaired is audited once more', () => {
  const decide = (decision: string, mode: 'repair' | 'report', count: number) =>
    database.db.query(
      `insert into artwork_reconciler.audit (audit_entity_id, asked_by, identity, decision, mode, started_at, decided_at)
       select (select min(id) from artwork_reconciler.audit_entity), 'pace', 'live',
              $1::artwork_reconciler.audit_decision, $2, now(), now()
       from generate_series(1, $3::int)`,
      [decision, mode, count],
    );
  const auditsEach = async () => (await readFullPass(database.db, 600)).auditsEach;

  test('in report mode, and where an audit was released, nothing is', async () => {
    await decide('clean', 'report', 20);
    await decide('repair_queue', 'report', 30);
    await decide('not_now', 'repair', 40);
    expect(await auditsEach()).toBe(1);
  });

  test('in repair mode each that was repaired: of 100 entities here 50', async () => {
    await decide('repair_queue', 'repair', 50);
    await decide('clean', 'repair', 50);
    const { entities, hours } = await readFullPass(database.db, 600);
    expect(await auditsEach()).toBe(1.5);
    expect(hours).toBeCloseTo((entities * 1.5) / 600, 6);
  });

  test('before any was verified it is two at most', async () => {
    await decide('repair_queue', 'repair', 10_000);
    expect(await auditsEach()).toBe(2);
  });
});
