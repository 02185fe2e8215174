import { expect, test } from 'vitest';
import { insertEvent, statesOf } from '../database/queue/queue.ts';
import { createTestDatabase } from '../support/database.ts';
import { runCommand } from './run-command.ts';

const database = await createTestDatabase();

const run = (...args: string[]) => runCommand(args, { DATABASE_URL: database.url });

test('undo takes back what an action did, with no worker, after a dry run where it is asked for', async () => {
  const { db } = database;
  const ids = [await insertEvent(db, { state: 'failed' }), await insertEvent(db, { state: 'failed' })];
  await run('events', 'requeue', ...ids.map(String), '--actor', 'ida');
  const { rows } = await db.query<{ id: number }>('select max(id) as id from artwork_reconciler.operator_action');
  const action = String(rows[0]!.id);
  await db.query(`update artwork_indexer.event_queue set state = 'completed' where id = $1`, [ids[1]]);
  const dry = await run('undo', action, '--dry-run');
  expect(dry).toMatchObject({
    code: 0,
    stdout: `event ${ids[0]}: would be undone\nevent ${ids[1]}: refused: it was carried out meanwhile\n`,
    stderr: '1 would be undone, 1 left as they are; nothing was changed\n',
  });
  expect(await statesOf(db, ids)).toEqual(['queued', 'completed']);
  expect(await run('undo', action, '--actor', 'bob', '--note', 'a mistake')).toMatchObject({
    code: 0,
    stdout: `event ${ids[0]}: undone\nevent ${ids[1]}: refused: it was carried out meanwhile\n`,
  });
  expect(await statesOf(db, ids)).toEqual(['failed', 'completed']);
  const again = await run('undo', action);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('nothing is left to undo') as string]);
});

test('undo of what can’t be undone says what can be', async () => {
  expect(await run('undo', '999999')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no action 999999 in the record; nothing was changed') as string,
  });
  expect((await run('undo', 'x')).code).toBe(2);
});
