import { expect, test } from 'vitest';
import { announceWorker, differingSettings, readWorkers, withdrawWorker } from '../../src/database/workers.ts';
import { settingDifferenceInWords } from '../../src/wording/schedule.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase({ musicbrainz: false });

const one = { id: '11111111-1111-4111-8111-111111111111', name: '1@one', forSeconds: 60 } as const;
const two = { id: '22222222-2222-4222-8222-222222222222', name: '2@two', forSeconds: 60 } as const;

test('a worker counts while it says so: until it stops, or is overdue', async () => {
  const { db } = database;
  await announceWorker(db, { ...one, settings: { a: '1' } });
  await announceWorker(db, { ...two, forSeconds: -1, settings: {} });
  await announceWorker(db, { ...one, settings: { a: '2' } });
  expect(await readWorkers(db)).toEqual([{ name: '1@one', settings: { a: '2' } }]);
  expect((await db.query('select from artwork_reconciler.worker')).rowCount).toBe(1);
  await announceWorker(db, { ...two, settings: {} });
  await withdrawWorker(db, one.id);
  expect(await readWorkers(db)).toEqual([{ name: '2@two', settings: {} }]);
});

test('in what workers differ is said with who goes by what, the most common first', () => {
  const settings = { '[events] concurrency': '4', '[policy] files.image': '"review"' };
  const differences = differingSettings([
    { name: '2@two', settings: { ...settings, '[events] concurrency': '8' } },
    { name: '1@one', settings },
    { name: '3@one', settings },
    { name: '4@one', settings: { '[events] concurrency': '4' } },
  ]);
  expect(differences.map(settingDifferenceInWords)).toEqual([
    '[events] concurrency: 4 at 1@one, 3@one, 4@one; 8 at 2@two',
    '[policy] files.image: "review" at 2@two, 1@one, 3@one; not set at 4@one',
  ]);
  expect(differingSettings([{ name: '1@one', settings }])).toEqual([]);
});
