import { expect, test } from 'vitest';
import { A, B, index, insertEvent } from '../database/queue/queue.ts';
import { createTestDatabase } from '../support/database.ts';
import type { Outcome } from '../support/run-source.ts';
import { parseLines, runCommand } from './run-command.ts';

const database = await createTestDatabase();

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
  expect(paused.stdout).toMatch(
    /^Repairs are paused since \S+ \S+ UTC \(paused by ida: wrong\); 2 queued or running\n$/,
  );
  expect(await run('withdraw', String(copied), String(own), '--actor', 'ida')).toMatchObject({
    code: 1,
    stdout: `event ${copied}: withdrawn\nevent ${indexed}: withdrawn${along}\nevent ${own}: refused: no audit queued it\n`,
  });
  expect(await run('withdraw', '--all')).toMatchObject({ code: 2 });
  const resumed = await runCommand(['repairs', 'resume', '--json'], { DATABASE_URL: database.url });
  expect(parseLines(resumed)).toEqual([{ paused: false, entity_type: null, was_paused: true }]);
});

test.each([
  ['schedule', 'audits'],
  ['events', 'events'],
  ['repairs', 'repairs'],
])('%s pause --entity-type is of one archive alone, and shown so, until it is resumed', async (group, what) => {
  await database.db.query('delete from artwork_reconciler.brake');
  const ask = (...args: string[]) => runCommand(args, { DATABASE_URL: database.url });
  const paused = await ask(group, 'pause', '--entity-type', 'event', '--actor', 'ida', '--note', 'event art');
  const name = `${what[0]!.toUpperCase()}${what.slice(1)} of the Event Art Archive`;
  expect(paused).toMatchObject({ code: 0, stderr: '' });
  expect(paused.stdout).toContain(`${name} are paused since`);
  for (const [page, brake] of [
    ['schedule show', `${what}_paused_eaa`],
    ['status', `${what} paused eaa`],
  ] as const) {
    expect((await ask(...page.split(' '))).stdout).toMatch(
      new RegExp(`  ${brake}, since \\S+ \\S+ UTC \\(\\d+ \\w+ ago\\): no ${what} of the Event Art Archive`),
    );
  }
  expect(await ask(group, 'resume')).toMatchObject({ stdout: expect.stringContaining('were not paused') as string });
  expect(await ask(group, 'resume', '--entity-type', 'event')).toMatchObject({
    code: 0,
    stdout: `${name} are started again\n`,
  });
  expect(await ask(group, 'pause', '--entity-type', 'relase')).toMatchObject({ code: 2 });
});

test('schedule set and windows take --entity-type, and schedule show has them', async () => {
  const ask = (...args: string[]) => runCommand(['schedule', ...args], { DATABASE_URL: database.url });
  const set = await ask('set', '30/hour', '--entity-type', 'event', '--actor', 'ida');
  expect(set.stdout).toMatch(/\nof the Event Art Archive: 30 audits an hour .*set by ida/);
  await ask('pause', '--until', '23:59+12:00', '--entity-type', 'event', '--what', 'events', '--reason', 'rests');
  const shown = await ask('show');
  expect(shown.stdout).toMatch(/^ +of the Event Art Archive: 30 audits an hour/m);
  expect(shown.stdout).toMatch(/^ {2}window_events_eaa, since .*: no events of the Event Art Archive, ends in /m);
  expect(shown.stdout).toMatch(/^ {2}\d+: no events of the Event Art Archive, from .* until /m);
  const [json] = parseLines(await ask('show', '--json')) as [Record<string, unknown>];
  expect(json['own_paces']).toMatchObject([{ entity_type: 'event', per_hour: 30, set_by: 'ida' }]);
  expect(json['windows']).toMatchObject([{ entity_type: 'event', is_on: true }]);
  expect((await ask('set', 'default', '--entity-type', 'event')).stdout).not.toContain('Event Art');
});
