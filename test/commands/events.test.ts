import { beforeEach, describe, expect, test } from 'vitest';
import { readEventActions } from '../../src/database/queue/show-event.ts';
import { findFreePort } from '../../src/embedded/free-port.ts';
import {
  A,
  B,
  copy,
  deletion,
  emptyQueue,
  index,
  insertEvent,
  insertEventAs,
  insertEvents,
  rowOf,
  statesOf,
  take,
} from '../database/queue/queue.ts';
import { createEmptyDatabase, createTestDatabase } from '../support/database.ts';
import type { Outcome } from '../support/run-source.ts';
import { parseLines, runCommand } from './run-command.ts';

const database = await createTestDatabase();
beforeEach(async () => {
  await emptyQueue(database.db);
  await database.db.query('delete from artwork_reconciler.operator_action');
});

const run = (...args: string[]): Promise<Outcome> => runCommand(['events', ...args], { DATABASE_URL: database.url });

const listed = async (...args: string[]): Promise<number[]> => {
  const outcome = await run('list', '--json', ...args);
  expect(outcome).toMatchObject({ code: 0 });
  return parseLines<{ id: number }>(outcome).map(({ id }) => id);
};

async function failedFor(id: number, reason: string): Promise<void> {
  await database.db.query('insert into artwork_indexer.event_failure_reason (event, failure_reason) values ($1, $2)', [
    id,
    reason,
  ]);
}

async function actions(): Promise<{ actor: string; action: string; target: string; note: string | null }[]> {
  const { rows } = await database.db.query<{ actor: string; action: string; target: string; note: string | null }>(
    'select actor, action, target, note from artwork_reconciler.operator_action order by id',
  );
  return rows;
}

describe('events list', () => {
  test('chooses by state, kind, action, reason, entity and age; all that is given must hold', async () => {
    const { db } = database;
    const [old, failed, copied, queued] = (await insertEvents(db, [
      { ...index(A), age: 3 * 24 * 60, state: 'completed' },
      { ...index(A), state: 'failed', attempts: 5 },
      { ...copy(7, B, A), state: 'failed', attempts: 5 },
      { ...index(B), entityType: 'event' },
    ])) as [number, number, number, number];
    await failedFor(failed, 'HTTP 503: Please Reduce your request rate');

    expect(await listed()).toEqual([queued, copied, failed, old]);
    const [failures, events, copies, told, about, address, older, newer, both] = await Promise.all([
      listed('--state', 'failed', 'running'),
      listed('--entity-type', 'event'),
      listed('--action', 'copy_image'),
      listed('--reason', 'reduce YOUR'),
      listed('--mbid', A.toUpperCase()),
      listed('--mbid', `https://musicbrainz.org/event/${B}/event-art`),
      listed('--older-than', '2d'),
      listed('--newer-than', '1.5h'),
      listed('--mbid', A, '--state', 'failed', '--action', 'index'),
    ]);
    expect({ failures, events, copies, told, about, address, older, newer, both }).toEqual({
      failures: [copied, failed],
      events: [queued],
      copies: [copied],
      told: [failed],
      about: [copied, failed, old],
      address: [queued],
      older: [old],
      newer: [queued, copied, failed],
      both: [failed],
    });
  });

  test('a page at a time, with where the next begins; what comes meanwhile shifts nothing', async () => {
    const ids = await insertEvents(database.db, [index(A), index(B), deletion(1, A)]);
    const first = await run('list', '--limit', '2');
    expect(first).toMatchObject({ code: 0, stderr: `There are more: --after ${ids[1]}\n` });
    expect(first.stdout.split('\n').map((line) => /^\s*(\d+)/.exec(line)?.[1])).toEqual([
      String(ids[2]),
      String(ids[1]),
      undefined,
    ]);
    await insertEvent(database.db);
    const second = await run('list', '--limit', '2', '--after', String(ids[1]));
    expect(second.stderr).toBe('');
    expect(second.stdout).toMatch(new RegExp(`^ *${ids[0]}  queued  0×  \\d+ \\w+ ago  release index ${A}\n$`));
  });

  test('says so where there are none', async () => {
    expect(await run('list')).toMatchObject({ code: 0, stdout: '', stderr: 'There are none\n' });
  });
});

test('index: recorded with who asked for it and why, once; events show names them', async () => {
  const { db } = database;
  const index = (...more: string[]) => runCommand(['index', A, '--json', ...more], { DATABASE_URL: database.url });
  expect(await index('--dry-run', '--actor', 'ida')).toMatchObject({ code: 0 });
  const [{ event }] = parseLines<{ event: number }>(await index('--actor', 'ida', '--note', 'a new cover')) as [
    { event: number },
  ];
  expect(parseLines(await index('--actor', 'eve'))).toMatchObject([{ event }]);
  expect(await actions()).toEqual([
    { actor: 'ida', action: 'index entity', target: `release ${A}`, note: 'a new cover' },
  ]);
  const { stdout } = await run('show', String(event));
  expect(stdout).toMatch(/^ {2}queued by {4}ida, \S+ \S+ UTC \(\d+ \w+ ago\): a new cover$/m);
  expect(await readEventActions(db, event, 10)).toMatchObject([{ actor: 'ida', action: 'index entity' }]);
});

test('events show: attempts, reasons, and what waits for what', async () => {
  const { db } = database;
  const parent = await insertEvent(db, { ...index(A), state: 'failed', attempts: 5 });
  const event = await insertEvent(db, { ...deletion(3, A), dependsOn: [parent] });
  await failedFor(parent, 'the archive\nsaid no');
  const shown = await run('show', String(parent), String(event));
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  expect(shown.stdout).toContain(`event ${parent}: failed, 5 attempts\n  release index ${A}\n`);
  expect(shown.stdout).toMatch(/ {2}failed \S+ \S+ UTC \(\d+ \w+ ago\): the archive said no\n/);
  expect(shown.stdout).toContain(`  waited for by event ${event} (queued): delete_image ${A} image 3.jpg\n`);
  expect(shown.stdout).toMatch(new RegExp(` {2}waits {8}.*${parent}`));

  const json = await run('show', String(event), '999999999', '--json');
  expect(parseLines(json)).toMatchObject([
    { id: event, state: 'queued', depends_on: [parent], attempts_made: [], parents: [{ id: parent, state: 'failed' }] },
  ]);
  expect(json.code).toBe(1);
  expect(json.stderr).toMatch(/^Error: there is no event 999999999[^\n]*\n$/);
});

test('an event whose id is beyond 2^53 is listed, shown, requeued and dismissed as any other', async () => {
  const { db } = database;
  const large = '9007199254740993';
  const failed = { state: 'failed', attempts: 5 } as const;
  const plain = await insertEvent(db, { ...index(A), ...failed });
  const id = await insertEventAs(db, large, { ...index(B), ...failed });
  expect(await listed()).toEqual([large, plain]);
  expect(await listed('--after', large)).toEqual([plain]);
  const shown = await run('show', large);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain(`event ${large}: failed`);
  expect(await run('dismiss', '9223372036854775808')).toMatchObject({ code: 2 });
  expect(await run('dismiss', large, String(plain))).toMatchObject({ code: 0, stderr: '2 dismissed\n' });
  expect(await run('requeue', large, String(plain))).toMatchObject({ code: 0, stderr: '2 requeued\n' });
  expect(await statesOf(db, [id, plain])).toEqual(['queued', 'queued']);
});

describe('events requeue', () => {
  test('by id: what failed along goes along, a twin is skipped, and one in progress refused, each named', async () => {
    const { db } = database;
    const failed = await insertEvent(db, { ...index(A), state: 'failed', attempts: 5 });
    const along = await insertEvent(db, { ...deletion(1, A), state: 'failed', dependsOn: [failed] });
    const twin = await insertEvent(db, index(B));
    const same = await insertEvent(db, { ...index(B), state: 'failed', attempts: 5 });
    const held = await insertEvent(db, { action: 'noop', message: {} });
    await take(db, held);
    const asked = [failed, same, held].map(String);

    const trial = await run('requeue', ...asked, '--dry-run', '--actor', 'ida');
    expect(trial.stdout.split('\n')).toEqual([
      `event ${failed}: would be queued again`,
      `event ${along}: would be queued again, along with what it depends on`,
      `event ${same}: skipped: event ${twin} is the same`,
      `event ${held}: refused: it is claimed by a worker`,
      '',
    ]);
    expect(trial.stderr).toContain(
      '2 would be requeued, 1 would be skipped, 1 would be refused; nothing was changed\n',
    );
    expect(await statesOf(db, [failed, along, same])).toEqual(['failed', 'failed', 'failed']);
    expect(await actions()).toEqual([]);

    const done = await run('requeue', ...asked, '--actor', 'ida', '--note', 'the archive is back', '--json');
    expect(parseLines(done)).toEqual([
      { id: failed, outcome: 'requeued', along: false },
      { id: along, outcome: 'requeued', along: true },
      { id: same, outcome: 'skipped', twin },
      { id: held, outcome: 'refused', reason: 'it is claimed by a worker' },
    ]);
    expect(done.code).toBe(1);
    expect(await rowOf(db, failed)).toMatchObject({ state: 'queued', attempts: 0 });
    expect(await statesOf(db, [along, same, held])).toEqual(['queued', 'failed', 'running']);
    expect(await actions()).toEqual([
      { actor: 'ida', action: 'requeue events', target: '2 events', note: 'the archive is back' },
    ]);
  });
});

test('events dismiss hides what failed, until it is requeued', async () => {
  const { db } = database;
  const failed = await insertEvent(db, { ...index(A), state: 'failed', attempts: 5 });
  const queued = await insertEvent(db, index(B));
  expect(await run('dismiss', String(failed), '--dry-run')).toMatchObject({
    code: 0,
    stdout: `event ${failed}: would be dismissed\n`,
  });
  expect(await listed()).toEqual([queued, failed]);

  const outcome = await run('dismiss', String(failed), String(queued), '--actor', 'ida');
  expect(outcome).toMatchObject({
    code: 1,
    stdout: `event ${failed}: dismissed\nevent ${queued}: refused: it is queued\n`,
  });
  expect(await listed()).toEqual([queued]);
  expect(await listed('--dismissed', 'only')).toEqual([failed]);
  expect(await run('requeue', '--all', '--state', 'failed')).toMatchObject({ code: 0, stdout: '' });
  expect(await run('requeue', String(failed))).toMatchObject({ code: 0 });
  expect(await listed()).toEqual([queued, failed]);
});

test('events pause and resume: a brake in the database, with who and why; twice is once', async () => {
  const paused = await run('pause', '--actor', 'ida', '--note', 'switching daemons');
  expect(paused.stdout).toMatch(
    /^Events are paused since \S+ \S+ UTC \(paused by ida: switching daemons\); 0 running\n$/,
  );
  const again = await run('pause', '--actor', 'ida', '--note', 'switching daemons', '--json');
  expect(parseLines(again)).toMatchObject([{ paused: true, running: 0 }]);
  const { rows } = await database.db.query('select name from artwork_reconciler.brake');
  expect(rows).toEqual([{ name: 'events_paused' }]);

  expect((await run('resume', '--actor', 'ida')).stdout).toBe('Events are started again\n');
  expect((await run('resume')).stdout).toBe('Events were not paused\n');
  expect((await actions()).map(({ actor, action }) => `${actor}: ${action}`)).toEqual([
    'ida: set brake',
    'ida: release brake',
  ]);
});

test('the login name is recorded where no actor is given', async () => {
  const failed = await insertEvent(database.db, { ...index(A), state: 'failed' });
  await run('dismiss', String(failed));
  const [action] = await actions();
  expect(action!.actor).toBe((await import('node:os')).userInfo().username);
});

describe('what is not understood, or chooses everything by surprise, ends with exit code 2 and one line', () => {
  test.each([
    [['list', '--state', 'broken'], '--state'],
    [['list', '--limit', '0'], 'whole number from 1'],
    [['list', '--older-than', 'yesterday'], 'a number and a unit'],
    [['list', '--mbid', 'x'], 'is no MBID'],
    [['list', '--mbid', `https://musicbrainz.org/release/${A}`, '--entity-type', 'event'], 'names a release'],
    [['list', '--reason', ''], 'not empty'],
    [['show', 'x'], 'whole number'],
    [['requeue'], 'which events?'],
    [['requeue', '--state', 'failed'], 'which events?'],
    [['requeue', '--all'], '--all takes at least one option'],
    [['requeue', '1', '--all', '--action', 'index'], 'either the ids of events, or --all'],
    [['dismiss', '--all', '--state', 'queued'], '--state'],
  ])('%j', async (args, message) => {
    // Before the database is asked: there is none.
    const { code, stdout, stderr } = await runCommand(['events', ...args], {
      DATABASE_URL: 'postgres://127.0.0.1:1/x',
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Error: [^\n]+\n$/);
    expect(stderr).toContain(message);
  });
});

describe('what can’t be done ends with exit code 1 and one line', () => {
  test('a database that nobody answers for', async () => {
    const port = await findFreePort();
    const { code, stderr } = await runCommand(['events', 'list'], { DATABASE_URL: `postgres://127.0.0.1:${port}/x` });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: The database x at 127\.0\.0\.1:\d+ can't be reached: [^\n]+\n$/);
  });

  test('a database without our tables: what makes them', async () => {
    const { url } = await createEmptyDatabase();
    const { code, stderr } = await runCommand(['events', 'list'], { DATABASE_URL: url });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: [^\n]*run `artwork-reconciler migrate` first[^\n]*\n$/);
  });
});

describe('events reasons', () => {
  test('counts failed events by action and kind of reason, whose events the other commands take', async () => {
    const { db } = database;
    const ids: number[] = [];
    for (const [event, reason] of [
      [index(A), 'HTTP 503: Please reduce your request rate, event 17'],
      [index(B), 'HTTP 503: Please reduce your request rate, event 4711'],
      [copy(7, B, A), 'HTTP 404'],
    ] as const) {
      const id = await insertEvent(db, { ...event, state: 'failed', attempts: 5 });
      await failedFor(id, reason);
      ids.push(id);
    }
    const dismissed = await insertEvent(db, { ...index(A), entityType: 'event', state: 'failed', attempts: 5 });
    await failedFor(dismissed, 'HTTP 503');
    expect(await run('dismiss', String(dismissed))).toMatchObject({ code: 0 });

    const kinds = parseLines<{ action: string; kind: string; count: number; newest: number }>(
      await run('reasons', '--json'),
    );
    expect(kinds).toMatchObject([
      { action: 'index', count: 2, newest: ids[1] },
      { action: 'copy_image', kind: 'HTTP 404', count: 1, newest: ids[2] },
    ]);
    const { kind } = kinds[0]!;
    expect((await run('reasons')).stdout.split('\n')).toEqual([
      `2  index       ${kind}  (the newest is event ${ids[1]})`,
      `1  copy_image  HTTP 404  (the newest is event ${ids[2]})`,
      '',
    ]);
    expect(await listed('--alike', kind)).toEqual([ids[1], ids[0]]);
  });

  test('says so where there are none', async () => {
    expect(await run('reasons')).toEqual({ code: 0, signal: null, stdout: '', stderr: 'There are none\n' });
    expect(await run('reasons', '--json')).toMatchObject({ code: 0, stdout: '' });
  });
});
