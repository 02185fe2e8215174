import { expect, test } from 'vitest';
import { readOnly } from '../../src/database/connection.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();

test('all queries see one snapshot, whatever is written meanwhile', async () => {
  const { db } = database;
  const counts = await readOnly(db, 60, async (q) => {
    const count = async () => (await q.query('select from artwork_reconciler.brake')).rowCount;
    const before = await count();
    await db.query(`insert into artwork_reconciler.brake (name, reason) values ('breaker', 'x')`);
    return [before, await count()];
  });
  expect(counts).toEqual([0, 0]);
});

test('nothing can be written', async () => {
  const write = readOnly(database.db, 60, (q) => q.query(`delete from artwork_reconciler.brake`));
  await expect(write).rejects.toMatchObject({ code: '25006' });
});

test('a statement that takes long is stopped, and the next reader has no limit of another’s', async () => {
  const { db } = database;
  await expect(readOnly(db, 0.02, (q) => q.query('select pg_sleep(60)'))).rejects.toMatchObject({ code: '57014' });
  expect((await db.query('select 1 as answered from pg_sleep(0.05)')).rows).toEqual([{ answered: 1 }]);
});
