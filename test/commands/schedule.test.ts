import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { coolDown } from '../../src/database/brakes/budget.ts';
import { setBrake } from '../../src/database/brakes/stored-brakes.ts';
import { readIdentity } from '../../src/database/schema/deployment.ts';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { readPaceSchedule } from '../../src/starters/pause-schedule.ts';
import { ensureSchedules } from '../../src/starters/schedules.ts';
import { openTemporal } from '../../src/temporal/connection.ts';
import { insertEvent, rowOf } from '../database/queue/queue.ts';
import { createTestDatabase } from '../support/database.ts';
import type { Outcome } from '../support/run-source.ts';
import { createTestNamespace } from '../support/temporal.ts';
import { parseLines, runCommand } from './run-command.ts';

interface Shown {
  readonly mode: string;
  readonly pace: { per_hour: number; source: string; set_by: string | null };
  readonly full_pass: { entities: number; is_estimate: boolean; audits_each: number; hours: number };
  readonly temporal: {
    reachable: boolean;
    error: string | null;
    schedule: { paused: boolean; note: string | null; next_runs: string[] } | null;
  };
  readonly brakes: { name: string; reason: string; since: string | null; stops: string }[];
}

const database = await createTestDatabase({ musicbrainz: false });
let temporal: Client;
let env: Record<string, string>;
let deaf: Record<string, string>;
beforeAll(async () => {
  const { address, namespace } = await createTestNamespace();
  temporal = await openTemporal({ connectionOptions: { address }, namespace });
  env = { DATABASE_URL: database.url, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  // What is only written to the database does not wait for a Temporal that isn't there.
  deaf = { ...env, TEMPORAL_ADDRESS: `127.0.0.1:${await findFreePort()}` };
});
afterAll(() => temporal?.connection.close());
beforeEach(async () => {
  const { db } = database;
  await db.query('delete from artwork_reconciler.brake');
  await db.query('delete from artwork_reconciler.operator_action');
  await db.query('delete from artwork_reconciler.budget');
  await db.query('truncate artwork_reconciler.audit_entity cascade');
  await db.query('truncate artwork_indexer.event_queue cascade');
  await db.query(
    'update artwork_reconciler.pace set set_per_hour = null, set_per_day = null, set_by = null, mode = null',
  );
});

const run = (args: readonly string[], environment = env): Promise<Outcome> =>
  runCommand(['schedule', ...args], environment);

async function show(environment = env): Promise<Shown> {
  const outcome = await run(['show', '--json'], environment);
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  return parseLines<Shown>(outcome)[0]!;
}

async function actions(): Promise<string[]> {
  const { rows } = await database.db.query<{ actor: string; action: string; target: string }>(
    'select actor, action, target from artwork_reconciler.operator_action order by id',
  );
  return rows.map(({ actor, action, target }) => `${actor}: ${action} ${target}`);
}

describe('schedule show', () => {
  test('pace and its source, a full pass, and every brake with its reason and since when', async () => {
    const { db } = database;
    await db.query(
      `insert into artwork_reconciler.audit_entity (entity_type, gid)
       select 'release', gen_random_uuid() from generate_series(1, 1200)`,
    );
    await setBrake(db, { name: 'breaker', reason: 'too many\nfound files.mb_metadata' });
    await coolDown(db, 'archive', { defaultSeconds: 600, reason: 'HTTP 429' });
    const shown = await show();
    expect(shown).toMatchObject({
      mode: 'report',
      pace: { per_hour: 600, source: 'configuration', set_by: null },
      full_pass: { entities: 1200, is_estimate: false, audits_each: 1, hours: 2 },
      temporal: { reachable: true },
    });
    expect(shown.brakes.map(({ name, stops }) => [name, stops])).toEqual([
      ['breaker', 'audits'],
      ['cool_down_archive', 'audits_and_events'],
    ]);
    expect(Date.parse(shown.brakes[0]!.since!)).not.toBeNaN();

    const { stdout } = await run(['show'], { ...env, AUDIT_PER_HOUR: '10' });
    expect(stdout).toContain('pace       10 audits an hour (240 a day, one in 6 min), as the configuration says\n');
    expect(stdout).toContain('full pass  5 days for 1,200 entities\n');
    expect(stdout).toMatch(
      /\n {2}breaker, since \S+ \S+ UTC \(\d+ \w+ ago\): no audits\n {4}too many found files\.mb_metadata\n/,
    );
  });

  test('Temporal’s next runs; that it has no schedule yet; that it can’t be reached', async () => {
    expect((await show()).temporal).toEqual({ reachable: true, error: null, schedule: null });
    const config = readConfig({ file: '/dev/null', env: { AUDIT_TICK_SECONDS: '86400' } });
    await ensureSchedules(temporal, config, await readIdentity(database.db));
    const { schedule } = (await show()).temporal;
    expect(schedule).toMatchObject({ paused: false });
    expect(Date.parse(schedule!.next_runs[0]!)).toBeGreaterThan(Date.now());

    const away = (await show(deaf)).temporal;
    expect(away).toMatchObject({ reachable: false, schedule: null });
    expect(away.error).toContain(`Temporal at ${deaf.TEMPORAL_ADDRESS} can't be reached`);
  });
});

test('schedule pause and resume: in the database and in Temporal, recorded; twice is once', async () => {
  const config = readConfig({ file: '/dev/null', env: { AUDIT_TICK_SECONDS: '86400' } });
  await ensureSchedules(temporal, config, await readIdentity(database.db));
  const paused = await run(['pause', '--actor', 'ida', '--note', 'a visit']);
  expect(paused.stdout).toMatch(/^Audits are paused since \S+ \S+ UTC \(paused by ida: a visit\)\n$/);
  expect(paused).toMatchObject({ code: 0, stderr: "Temporal's schedule is paused, too\n" });
  const shown = await show();
  expect(shown.brakes.map(({ name }) => name)).toEqual(['audits_paused']);
  expect(shown.temporal.schedule).toMatchObject({ paused: true, next_runs: [] });
  expect(await run(['pause', '--actor', 'ida', '--note', 'a visit'])).toMatchObject({ code: 0 });

  expect(await run(['resume', '--actor', 'ida'])).toMatchObject({
    code: 0,
    stdout: 'Audits are started again\n',
    stderr: "Temporal's schedule is resumed, too\n",
  });
  expect(await run(['resume'])).toMatchObject({ code: 0, stdout: 'Audits were not paused\n' });
  expect(await readPaceSchedule(temporal)).toMatchObject({ isPaused: false });
  expect(await actions()).toEqual(['ida: set brake audits_paused', 'ida: release brake audits_paused']);
});

test('without Temporal a pause is in force all the same, and says what is left to do', async () => {
  const { code, stdout, stderr } = await run(['pause'], deaf);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Audits are paused/);
  expect(stderr).toMatch(
    /^Temporal's schedule follows at the next housekeeping: Temporal at \S+ can't be reached[^\n]*\n$/,
  );
});

test('schedule set: overrides the file until `default`, recorded with who did it', async () => {
  expect((await run(['set', '10/hour', '--actor', 'ida'], deaf)).stdout).toMatch(
    /^10 audits an hour \(240 a day, one in 6 min\), set by ida, \S+ \S+ UTC \(\d+ \w+ ago\)\nA full pass: no entities yet/,
  );
  await run(['set', '5000/day', '--actor', 'ida'], deaf);
  const set = await show({ ...env, AUDIT_PER_HOUR: '7' });
  expect(set.pace).toMatchObject({ source: 'operator', set_by: 'ida' });
  expect(set.pace.per_hour).toBeCloseTo(5000 / 24);
  expect((await run(['set', 'default', '--actor', 'eve'], { ...deaf, AUDIT_PER_HOUR: '7' })).stdout).toMatch(
    /^7 audits an hour \([^)]*\), as the configuration says\n/,
  );
  expect(await actions()).toEqual(['ida: set pace pace', 'ida: set pace pace', 'eve: clear pace pace']);
});

test('schedule mode: for all workers, whatever their files say, recorded with who did it', async () => {
  expect(await show()).toMatchObject({ mode: 'report', mode_set_by: null, mode_set_at: null });
  const set = await run(['mode', 'repair', '--actor', 'ida', '--note', 'looked at'], deaf);
  expect(set).toMatchObject({ code: 0, stdout: 'The mode is repair\n', stderr: '' });
  expect(await show({ ...env, AUDIT_MODE: 'report' })).toMatchObject({ mode: 'repair', mode_set_by: 'ida' });
  expect((await run(['show'], env)).stdout).toMatch(/^mode {7}repair, set by ida, \S+ \S+ UTC \(\d+ \w+ ago\)$/m);
  expect(await run(['mode', 'report', '--actor', 'eve'], deaf)).toMatchObject({ code: 0 });
  expect(await actions()).toEqual(['ida: set mode mode', 'eve: set mode mode']);
});

describe('schedule release', () => {
  test('takes a stored brake off, and says what it was; what is not on is no error', async () => {
    await setBrake(database.db, { name: 'database_and_ws_disagree', reason: 'three consecutive' });
    expect(await run(['release', 'database_and_ws_disagree', '--actor', 'ida'], deaf)).toMatchObject({
      code: 0,
      stdout: 'database_and_ws_disagree is off; it was on: three consecutive\n',
    });
    expect(await run(['release', 'breaker'], deaf)).toMatchObject({ code: 0, stdout: 'breaker was not on\n' });
    expect(await actions()).toEqual(['ida: release brake database_and_ws_disagree']);
  });

  test('of refused keys wakes the events that wait for them', async () => {
    const { db } = database;
    const event = await insertEvent(db);
    await db.query(
      `insert into artwork_reconciler.event_not_before (event, until, reason, brake)
       values ($1, now() + interval '9 minutes', 'keys', 'keys_refused_caa')`,
      [event],
    );
    await setBrake(db, { name: 'keys_refused_caa', reason: 'InvalidAccessKeyId' });
    expect(await run(['release', 'keys_refused_caa'], deaf)).toMatchObject({ code: 0 });
    expect((await db.query('select from artwork_reconciler.event_not_before')).rowCount).toBe(0);
    expect(await rowOf(db, event)).toMatchObject({ state: 'queued' });
  });

  test('of audits_paused is `schedule resume`', async () => {
    await run(['pause'], env);
    expect(await run(['release', 'audits_paused'])).toMatchObject({ code: 0, stdout: 'Audits are started again\n' });
    expect(await readPaceSchedule(temporal)).toMatchObject({ isPaused: false });
  });

  test.each(['events_due', 'window_events', 'too_many_repairs_waiting', 'audits_disabled'])(
    '%s is refused, with how it ends',
    async (name) => {
      const { code, stdout, stderr } = await run(['release', name], deaf);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(new RegExp(`^Error: ${name} can't be taken off: [^\n]+\n$`));
    },
  );
});

describe('what is not understood ends with exit code 2 and one line', () => {
  test.each([
    [['set', '600'], '600/hour'],
    [['set', '0/hour'], 'above 0'],
    [['set', '-5/day'], 'unknown option'],
    [['set'], 'missing required argument'],
    [['mode', 'canary'], 'a canary takes --entities'],
    [['release', 'handbrake'], 'there is no brake "handbrake"; there are events_paused, repairs_paused, audits_paused'],
    [['show', '--actor', 'x'], 'unknown option'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await run(args, { DATABASE_URL: 'postgres://127.0.0.1:1/x' });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Error: [^\n]+\n$/);
    expect(stderr).toContain(message);
  });
});

test('a database that nobody answers for: exit code 1 and one line', async () => {
  const { code, stderr } = await run(['show'], { DATABASE_URL: `postgres://127.0.0.1:${await findFreePort()}/x` });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Error: The database x at [^\n]+\n$/);
});

describe('windows', () => {
  const pause = (...args: string[]) => run(['pause', '--actor', 'ida', ...args]);
  const wanted = ['--until', '23:59+12:00', '--reason', 'maintenance'];

  test('are set, shown with a countdown, end by their id, and are recorded', async () => {
    const set = await pause('--from', '00:00', '--until', '23:59', '--daily', '--what', 'events', '--reason', 'a rest');
    expect(set).toMatchObject({ code: 0, stderr: '' });
    const [, id] =
      /^Window (\d+): no events, daily, from \S+ 00:00:00 UTC until \S+ 23:59:00 UTC, .*: a rest, by ida\n$/.exec(
        set.stdout,
      )!;
    const { stdout } = await run(['show']);
    expect(stdout).toMatch(new RegExp(`\nwindows\n  ${id}: no events, daily, .*: a rest, by ida\n`));
    const [shown] = parseLines<{ windows: object[] }>(await run(['show', '--json']));
    expect(shown!.windows).toMatchObject([{ id: Number(id), stops: 'events', daily: true, reason: 'a rest' }]);

    expect(await run(['resume', '--window', id!, '--actor', 'ida'])).toMatchObject({ code: 0, stderr: '' });
    expect(await run(['resume', '--window', id!])).toMatchObject({
      code: 1,
      stderr: `Error: there is no window ${id} that is on or to come; \`schedule show\` has them\n`,
    });
    expect(await actions()).toEqual(['ida: add window window', 'ida: end window window']);
    expect((await run(['show'])).stdout).toContain('\nwindows    none\n');
  });

  test('without --what stop both, from now on', async () => {
    const set = await pause(...wanted);
    expect(set.stdout).toMatch(/: no audits and events, from .*, on, ends in \d+ (h|min|s): maintenance, by ida\n$/);
    const { brakes } = await show();
    expect(brakes.map(({ name }) => name)).toEqual(['window_audits', 'window_events']);
    expect((await run(['show'])).stdout).toMatch(
      /\n {2}window_events, since \S+ \S+ UTC \(\d+ \w+ ago\): no events, ends in \d+ (h|min|s)\n/,
    );
    await database.db.query('delete from artwork_reconciler.pause_window');
  });

  test.each([
    [['--from', '22:00', '--reason', 'x'], 'a window needs --until'],
    [['--what', 'events'], 'a window needs --until'],
    [['--until', '22:00'], 'say why, with --reason'],
    [['--until', 'later', '--reason', 'x'], '--until takes a time of day like 22:00'],
    [['--from', '22:00', '--until', '22:00', '--reason', 'x'], 'at the same time'],
    [['--from', '2999-01-02T00:00', '--until', '2999-01-01T00:00', '--reason', 'x'], 'before it begins'],
    [['--from', '2999-01-01T00:00', '--until', '2999-01-08T00:01', '--reason', 'x'], 'a window 7 at most'],
    [['--until', '2020-01-01T00:00', '--reason', 'x'], 'no window was set'],
    [['--until', '22:00', '--daily', '--reason', 'x'], '--daily takes times of day'],
    [[...wanted, '--what', 'event'], 'Did you mean events?'],
  ])('%j: exit code 2, the reason, and nothing is changed', async (args, message) => {
    const { code, stdout, stderr } = await pause(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(await actions()).toEqual([]);
  });
});

test('schedule release cool-down: takes what services asked for off, and says what it was', async () => {
  await coolDown(database.db, 'archive', { defaultSeconds: 600, reason: 'HTTP 429' });
  expect(await run(['release', 'cool-down', '--actor', 'ida'])).toMatchObject({
    code: 0,
    stdout: 'cool_down_archive is off; it was on: HTTP 429\n',
  });
  expect(await run(['release', 'cool_down_musicbrainz'])).toMatchObject({ stdout: 'No such cool-down was on\n' });
  expect(await actions()).toEqual(['ida: release brake cool_down_archive']);
});
