import { beforeEach, describe, expect, test } from 'vitest';
import { coolDown } from '../../../src/database/brakes/budget.ts';
import { releaseBrake, setBrake } from '../../../src/database/brakes/stored-brakes.ts';
import { openDatabase } from '../../../src/database/connection.ts';
import { noteBrakes, paceTick, type PaceTick } from '../../../src/database/pace/pace-tick.ts';
import { clearPace, readPace, setPace } from '../../../src/database/pace/rate.ts';
import { createTestDatabase } from '../../support/database.ts';
import { settingsWith } from '../brakes/settings.ts';

const database = await createTestDatabase();
const { db } = database;

beforeEach(async () => {
  await db.query(
    `truncate artwork_reconciler.audit_entity, artwork_reconciler.brake, artwork_reconciler.budget,
       artwork_reconciler.operator_action, artwork_reconciler.pace, artwork_indexer.event_queue cascade`,
  );
  await db.query('insert into artwork_reconciler.pace default values');
});

const begin = Date.UTC(2026, 2, 28);
const minute = (n: number): Date => new Date(begin + n * 60_000);
const by = { actor: 'operator' };

async function addEntities(count: number): Promise<void> {
  await db.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid)
     select 'release', gen_random_uuid() from generate_series(1, $1::int)`,
    [count],
  );
}

/** Ends the audits in progress, as a worker would. */
async function endAudits(): Promise<void> {
  await db.query(
    `update artwork_reconciler.audit_entity set status = 'clean', last_audit_at = now() where status = 'audit_in_progress'`,
  );
}

async function started(): Promise<number> {
  const { rows } = await db.query<{ started: number }>('select started from artwork_reconciler.pace');
  return rows[0]!.started;
}

const names = ({ brakes }: PaceTick): string[] => brakes.map(({ name }) => name).sort();

describe('a tick of the pace', () => {
  test('claims as many as its minute allows, and names the workflows', async () => {
    await addEntities(30);
    const { claimed, brakes } = await paceTick(db, { now: minute(0) }, settingsWith({ perHour: 600 }));
    expect(brakes).toEqual([]);
    expect(claimed).toHaveLength(10);
    for (const { entityType, gid, workflowId } of claimed) expect(workflowId).toBe(`audit-${entityType}-${gid}`);
    const { rows } = await db.query<{ gid: string }>(
      `select gid::text from artwork_reconciler.audit_entity where status = 'audit_in_progress'`,
    );
    expect(rows.map(({ gid }) => gid).sort()).toEqual(claimed.map(({ gid }) => gid).sort());
  });

  test('that is repeated gives the same entities and claims no others, whatever became of them', async () => {
    await addEntities(100);
    const config = settingsWith({ perHour: 600 });
    const first = await paceTick(db, { now: minute(0), batch: 'run-1' }, config);
    expect(await paceTick(db, { now: minute(1), batch: 'run-1' }, config)).toEqual(first);
    await endAudits();
    expect((await paceTick(db, { now: minute(1), batch: 'run-1' }, config)).claimed).toEqual(first.claimed);
    expect(await started()).toBe(10);
    expect((await paceTick(db, { now: minute(1), batch: 'run-2' }, config)).claimed).toHaveLength(10);
  });

  test('by several pacers at once claims no more than by one', async () => {
    await addEntities(100);
    const config = settingsWith({ perHour: 600 });
    const others = [openDatabase({ connectionString: database.url }), openDatabase({ connectionString: database.url })];
    const ticks = await Promise.all(
      [db, ...others].map((each, n) => paceTick(each, { now: minute(0), batch: `pacer ${n}` }, config)),
    );
    await Promise.all(others.map((each) => each.close()));
    expect(ticks.flatMap(({ claimed }) => claimed)).toHaveLength(10);
  });

  test('wakes what has become due', async () => {
    await addEntities(1);
    await db.query(`update artwork_reconciler.audit_entity set due_at = now() - interval '1 second'`);
    const { claimed } = await paceTick(db, { now: minute(0) }, settingsWith({ perHour: 600 }));
    expect(claimed).toHaveLength(1);
  });

  test('without enough entities owes nothing for later', async () => {
    const config = settingsWith({ perHour: 600 });
    for (let n = 0; n < 5; n += 1) expect((await paceTick(db, { now: minute(n) }, config)).claimed).toEqual([]);
    await addEntities(100);
    expect((await paceTick(db, { now: minute(5) }, config)).claimed).toHaveLength(10);
  });

  test('fills up to the most in progress, and no further', async () => {
    await addEntities(100);
    const config = settingsWith({ perHour: 600, maxInProgress: 14 });
    expect((await paceTick(db, { now: minute(0) }, config)).claimed).toHaveLength(10);
    expect((await paceTick(db, { now: minute(1) }, config)).claimed).toHaveLength(4);
    const full = await paceTick(db, { now: minute(2) }, config);
    expect(full.claimed).toEqual([]);
    expect(names(full)).toEqual(['too_many_in_progress']);
    await endAudits();
    expect((await paceTick(db, { now: minute(3) }, config)).claimed).toHaveLength(10);
  });
});

describe('no audit is started', () => {
  const config = settingsWith({ perHour: 600 });
  const tick = (n: number, audit = {}): Promise<PaceTick> =>
    paceTick(db, { now: minute(n) }, settingsWith({ perHour: 600, ...audit }));
  beforeEach(() => addEntities(100));

  test('while an indexer event is due; those that wait for another attempt don’t matter', async () => {
    await db.query(
      `insert into artwork_indexer.event_queue (entity_type, action, message) values ('release', 'noop', '{}')`,
    );
    const held = await tick(0);
    expect(held.claimed).toEqual([]);
    expect(names(held)).toEqual(['events_due']);
    await db.query('update artwork_indexer.event_queue set attempts = 1');
    expect((await tick(1)).claimed).toHaveLength(10);
  });

  test.each([
    ['an event’s, never tried', 'event', 0],
    ['a release’s, to be tried once more', 'release', 1],
    ['an event’s, to be tried for the last time', 'event', 4],
  ])('while one event is due: %s', async (_what, entityType, attempts) => {
    await db.query(
      `insert into artwork_indexer.event_queue (entity_type, action, message, attempts, last_updated)
       values ($1, 'noop', '{}', $2, now() - interval '30 days')`,
      [entityType, attempts],
    );
    expect((await tick(0)).claimed).toEqual([]);
    await db.query('update artwork_indexer.event_queue set attempts = 5');
    expect((await tick(1)).claimed).toHaveLength(10);
  });

  test('while a service cools down', async () => {
    await coolDown(db, 'archive', { retryAfterSeconds: 600, defaultSeconds: 60, reason: '503 SlowDown' });
    const held = await tick(0);
    expect(held.claimed).toEqual([]);
    expect(held.brakes).toMatchObject([
      { name: 'cool_down_archive', reason: expect.stringMatching(/503 SlowDown/) as string },
    ]);
    await db.query('update artwork_reconciler.budget set cool_down_until = now()');
    expect((await tick(1)).claimed).toHaveLength(10);
  });

  test('while an operator has paused audits; and nothing is caught up afterwards', async () => {
    await setBrake(db, { name: 'audits_paused', reason: 'maintenance', by });
    for (let n = 0; n < 20; n += 1) expect((await tick(n)).claimed).toEqual([]);
    await releaseBrake(db, { name: 'audits_paused', by });
    expect((await tick(20)).claimed).toHaveLength(10);
    expect((await tick(21)).claimed).toHaveLength(10);
  });

  test('where the configuration says so', async () => {
    const held = await tick(0, { enabled: false });
    expect(held.claimed).toEqual([]);
    expect(names(held)).toEqual(['audits_disabled']);
  });

  test('but refused keys and paused events stop none: they are shown', async () => {
    await setBrake(db, { name: 'keys_refused_caa', reason: '403 InvalidAccessKeyId' });
    await setBrake(db, { name: 'events_paused', reason: 'switching back', by });
    const { claimed, brakes } = await paceTick(db, { now: minute(0) }, config);
    expect(claimed).toHaveLength(10);
    expect(Object.fromEntries(brakes.map(({ name, reason }) => [name, reason]))).toEqual({
      keys_refused_caa: '403 InvalidAccessKeyId',
      events_paused: 'switching back',
    });
  });
});

describe('a tick tells what has changed since the one before', () => {
  const config = settingsWith({ perHour: 600 });
  const told = ({ changes }: PaceTick) => ({
    on: changes.on.map(({ name }) => name),
    off: changes.off.map(({ name }) => name),
  });

  test('each brake that is set or released, once, and since when it was on', async () => {
    await db.query(
      `insert into artwork_indexer.event_queue (entity_type, action, message) values ('release', 'noop', '{}')`,
    );
    const paused = await setBrake(db, { name: 'audits_paused', reason: 'maintenance', by });
    const first = await paceTick(db, { now: minute(0) }, config);
    expect(told(first)).toEqual({ on: ['audits_paused', 'events_due'], off: [] });
    expect(told(await paceTick(db, { now: minute(0) }, config))).toEqual({ on: [], off: [] });
    const second = await paceTick(db, { now: minute(1) }, config);
    expect(told(second)).toEqual({ on: [], off: [] });
    const seen = second.brakes.find(({ name }) => name === 'events_due')!.since;
    expect(seen).toBeInstanceOf(Date);
    // When it was first seen, however many ticks have found it on since.
    await db.query(
      `update artwork_reconciler.pace set brakes = jsonb_set(brakes, '{events_due}', '"2026-01-02T03:04:05.000Z"')`,
    );
    await paceTick(db, { now: minute(2) }, config);
    const later = await paceTick(db, { now: minute(3) }, config);
    expect(later.brakes.find(({ name }) => name === 'events_due')!.since).toEqual(new Date('2026-01-02T03:04:05Z'));

    await db.query(`delete from artwork_indexer.event_queue`);
    await releaseBrake(db, { name: 'audits_paused', by });
    const third = await paceTick(db, { now: minute(4) }, config);
    expect(third.brakes).toEqual([]);
    expect(third.changes.off).toEqual([
      { name: 'events_due', since: new Date('2026-01-02T03:04:05Z') },
      { name: 'audits_paused', since: paused.since },
    ]);
  });

  test('a brake of which nothing else tells the moment has the one at which it was first noted', async () => {
    const brake = { name: 'events_due', reason: 'x', since: null, stops: 'audits' } as const;
    const note = async (): Promise<unknown> => {
      await db.transaction((tx) => noteBrakes(tx, [brake]));
      return (await db.query('select brakes from artwork_reconciler.pace')).rows[0];
    };
    const first = await note();
    expect(await note()).toEqual(first);
  });

  test('a brake that was released and set again between two ticks is on since then', async () => {
    await setBrake(db, { name: 'audits_paused', reason: 'lunch', by });
    await paceTick(db, { now: minute(0) }, config);
    await db.query(`update artwork_reconciler.brake set since = '2026-01-02T03:04:05Z'`);
    await paceTick(db, { now: minute(1) }, config);
    await releaseBrake(db, { name: 'audits_paused', by });
    const { changes } = await paceTick(db, { now: minute(2) }, config);
    expect(changes.off).toEqual([{ name: 'audits_paused', since: new Date('2026-01-02T03:04:05Z') }]);
  });

  test('of several pacers at once one tells it', async () => {
    await setBrake(db, { name: 'audits_paused', reason: 'maintenance', by });
    const others = [openDatabase({ connectionString: database.url }), openDatabase({ connectionString: database.url })];
    const ticks = await Promise.all(
      [db, ...others].map((each, n) => paceTick(each, { now: minute(0), batch: `pacer ${n}` }, config)),
    );
    await Promise.all(others.map((each) => each.close()));
    expect(ticks.flatMap((tick) => told(tick).on)).toEqual(['audits_paused']);
  });
});

describe('the pace', () => {
  test('an operator set overrides the file, outlives restarts, and is recorded', async () => {
    const config = settingsWith({ perHour: 600, perDay: null });
    expect(await readPace(db, config)).toMatchObject({ perHour: 600, source: 'configuration' });
    await setPace(db, { perDay: 48 }, { actor: 'alice', note: 'the archive asked for it' });
    const restarted = openDatabase({ connectionString: database.url });
    expect(await readPace(restarted, config)).toMatchObject({ perHour: 2, source: 'operator', setBy: 'alice' });
    await restarted.close();
    await setPace(db, { perDay: 48 }, { actor: 'bob' });
    await clearPace(db, { actor: 'bob' });
    expect(await readPace(db, config)).toMatchObject({ perHour: 600, source: 'configuration', setBy: null });
    const { rows } = await db.query<{
      actor: string;
      action: string;
      before: object;
      after: object;
      note: string | null;
    }>('select actor, action, before, after, note from artwork_reconciler.operator_action order by id');
    // Setting what was set already is no action.
    expect(rows).toEqual([
      {
        actor: 'alice',
        action: 'set pace',
        before: { set_per_hour: null, set_per_day: null },
        after: { set_per_hour: null, set_per_day: 48 },
        note: 'the archive asked for it',
      },
      {
        actor: 'bob',
        action: 'clear pace',
        before: { set_per_hour: null, set_per_day: 48 },
        after: { set_per_hour: null, set_per_day: null },
        note: null,
      },
    ]);
  });

  test.each([0, -5, NaN, Infinity])('of %d is refused', async (perHour) => {
    await expect(setPace(db, { perHour }, by)).rejects.toThrow(/expected a number above 0/);
    expect(await readPace(db, settingsWith())).toMatchObject({ source: 'configuration' });
  });

  test('may be given by the day in the file', async () => {
    expect(await readPace(db, settingsWith({ perHour: null, perDay: 36 }))).toMatchObject({ perHour: 1.5 });
  });

  test('is kept over a day of 1,440 ticks with three restarts and a missed hour', { timeout: 240_000 }, async () => {
    const perHour = 100.5;
    await addEntities(2600);
    const config = settingsWith({ perHour });
    let process = openDatabase({ connectionString: database.url });
    let total = 0;
    for (let n = 0; n < 1440; n += 1) {
      // The hour after the 700th minute has no ticks.
      const now = minute(n < 700 ? n : n + 60);
      const tick = await paceTick(process, { now }, config);
      if (n === 200 || n === 699 || n === 1000) {
        await process.close();
        process = openDatabase({ connectionString: database.url });
        expect((await paceTick(process, { now }, config)).claimed).toEqual(tick.claimed);
      }
      expect(tick.claimed.length).toBeLessThanOrEqual(2);
      total += tick.claimed.length;
      if (tick.claimed.length > 0) await endAudits();
    }
    await process.close();
    expect(total).toBe(await started());
    expect(total).toBeGreaterThanOrEqual(perHour * 24 * 0.98);
    expect(total).toBeLessThanOrEqual(perHour * 24 * 1.02);
  });
});
