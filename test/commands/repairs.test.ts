import { afterAll, beforeAll, expect, test } from 'vitest';
import { A, B, index, insertEvent } from '../database/queue/queue.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import type { Outcome } from '../support/run-source.ts';
import { parseLines, runCommand } from './run-command.ts';

let database: TestDatabase;
beforeAll(async () => (database = await createTestDatabase()));
afterAll(() => database.close());

const run = (...args: string[]): Promise<Outcome> => runCommand(['events', ...args], { DATABASE_URL: database.url });

test('events withdraw takes out what audits ordered, with what belongs to it; repairs pause keeps the rest', async () => {
  const { db } = database;
  const copied = await insertEvent(db, index(A));
  const indexed = await insertEvent(db, { ...index(B), dependsOn: [copied] });
  await db.query(`insert into artwork_reconciler.event_origin (event, origin) values ($1, 'audit'), ($2, 'audit')`, [
    copied,
    indexed,
  ]);
  const own = await insertEvent(db);
  const along = ', as it belongs to the same repairs';
  expect(await run('withdraw', String(copied), '--dry-run')).toMatchObject({
    code: 0,
    stdout: `event ${copied}: would be withdrawn\nevent ${indexed}: would be withdrawn${along}\n`,
  });
  const paused = await runCommand(['repairs', 'pause', '--actor', 'ida', '--note', 'wrong'], {
    DATABASE_URL: database.url,
  });
  expect(paused.stdout).toMatch(/^Repairs are paused since \S+ \(paused by ida: wrong\); 2 queued or running\n$/);
  expect(await run('withdraw', String(copied), String(own), '--actor', 'ida')).toMatchObject({
    code: 1,
    stdout: `event ${copied}: withdrawn\nevent ${indexed}: withdrawn${along}\nevent ${own}: refused: no audit queued it\n`,
  });
  expect(await run('withdraw', '--all')).toMatchObject({ code: 2 });
  const resumed = await runCommand(['repairs', 'resume', '--json'], { DATABASE_URL: database.url });
  expect(parseLines(resumed)).toEqual([{ paused: false, was_paused: true }]);
});
