import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { readBrakes } from '../../../src/database/pace/read-brakes.ts';
import { createTestDatabase } from '../../support/database.ts';
import { settingsWith } from './settings.ts';

const database = await createTestDatabase();

test('too many repairs waiting are those of audits that are queued or running, whatever else is queued', async () => {
  const { db } = database;
  const settings = settingsWith({ maxWaitingRepairs: 3 });
  const queue = async (origin: 'audit' | 'trigger', state: string): Promise<void> => {
    // Not due: only the count is in question.
    await db.query(
      `with event as (
         insert into artwork_indexer.event_queue (entity_type, action, message, state, attempts)
         values ('release', 'index', jsonb_build_object('gid', $1::text), $2, 1) returning id
       )
       insert into artwork_reconciler.event_origin (event, origin) select id, 'audit' from event where $3`,
      [randomUUID(), state, origin === 'audit'],
    );
  };
  const names = async (): Promise<string[]> => (await readBrakes(db, settings)).map(({ name }) => name);

  for (const state of ['queued', 'queued', 'completed', 'failed']) await queue('audit', state);
  for (let n = 0; n < 5; n += 1) await queue('trigger', 'queued');
  expect(await names()).toEqual([]);
  await queue('audit', 'running');
  expect(await names()).toEqual(['too_many_repairs_waiting']);
});

test('one of which nothing else tells since when is on since it was first noted', async () => {
  const { db } = database;
  const settings = settingsWith({ enabled: false });
  const since = async () =>
    (await readBrakes(db, settings)).find(({ name }) => name === 'audits_disabled')!.since?.toISOString();
  expect(await since()).toBeUndefined();
  const noted = '2026-01-31T12:00:00.000Z';
  await db.query(`update artwork_reconciler.pace set brakes = jsonb_build_object('audits_disabled', $1::text)`, [
    noted,
  ]);
  expect(await since()).toBe(noted);
});
