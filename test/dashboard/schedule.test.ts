import { userInfo } from 'node:os';
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { coolDown } from '../../src/database/brakes/budget.ts';
import { pauseWork, readStoredBrakes, setBrake } from '../../src/database/brakes/stored-brakes.ts';
import { changeMode, readMode, settleMode } from '../../src/database/pace/mode.ts';
import { readPace, setPace } from '../../src/database/pace/rate.ts';
import { readIdentity } from '../../src/database/schema/deployment.ts';
import { readPaceSchedule } from '../../src/starters/pause-schedule.ts';
import { ensureSchedules } from '../../src/starters/schedules.ts';
import { openTemporal } from '../../src/temporal/connection.ts';
import { dashboardParts, type Visited, type Visitor, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';
import { patience } from '../support/patience.ts';
import { createTestNamespace } from '../support/temporal.ts';

const database = await createTestDatabase();
let visitor: Visitor;

beforeEach(async () => {
  const { db } = database;
  await db.query('delete from artwork_reconciler.brake');
  await db.query('delete from artwork_reconciler.operator_action');
  await db.query('delete from artwork_reconciler.canary');
  await db.query('delete from artwork_reconciler.budget');
  await db.query(
    `update artwork_reconciler.pace
     set set_per_hour = null, set_per_day = null, set_by = null, set_at = null,
         mode = null, mode_set_by = null, mode_set_at = null`,
  );
  visitor = visitorOf(dashboardParts(database));
});

/** Sends a form of the page, with its hidden fields, as somebody does who looks at it. */
async function send(form: string, fields: Readonly<Record<string, string>> = {}): Promise<Visited> {
  const { body } = await visitor.get('/schedule');
  return sendSeen(body, form, fields);
}

/** The same, of a page that was loaded some time ago. */
function sendSeen(page: string, form: string, fields: Readonly<Record<string, string>> = {}): Promise<Visited> {
  const text = new RegExp(`<form method="post"[^>]* id="${form}".*?</form>`, 's').exec(page)![0];
  const hidden: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)) hidden[name!] = value!;
  return visitor.post(/action="([^"]+)"/.exec(text)![1]!, { ...hidden, ...fields });
}

const storedNames = async () => (await readStoredBrakes(database.db)).map(({ name }) => name);
const pace = () => readPace(database.db, readConfig({ file: '/dev/null', env: {} }));
const mode = () => readMode(database.db, { mode: 'report' });
const recorded = async () => {
  const { rows } = await database.db.query<{ action: string; target: string; note: string | null }>(
    'select actor, action, target, note from artwork_reconciler.operator_action order by id',
  );
  return rows.map(({ action, target, note }) => [action, target, note]);
};

describe('the page', () => {
  test('says what `schedule show` says, with every brake, why it is on and what ends it', async () => {
    await setBrake(database.db, { name: 'breaker', reason: '120 of the last 200 audits found index.url' });
    await coolDown(database.db, 'archive', { defaultSeconds: 600, reason: 'SlowDown' });
    const { status, body } = await visitor.get('/schedule');
    expect(status).toBe(200);
    expect(body).toContain('600 audits an hour');
    expect(body).toContain('120 of the last 200 audits found index.url');
    expect(body).toContain('nothing is asked of archive until');
    expect(body).toContain('after ten consecutive audits');
    const [cards = '', folded = ''] = body.split('<details id="brakes-off">');
    expect(cards.match(/<article class="card is-on"/g)).toHaveLength(2);
    expect(cards).toMatch(/ends <strong><time[^>]*>in \d+ (s|min)</);
    expect(folded).toContain('26 brakes that are off');
  });

  test('is shown while Temporal is away, and says so', async () => {
    const { status, body } = await visitor.get('/schedule');
    expect(status).toBe(200);
    expect(body).toContain('not known when the next run is: Temporal at');
  });

  test('shows no levers to who may only look, and takes none from them', async () => {
    const settings = { DASHBOARD_AUTH: 'proxy', DASHBOARD_PROXY_ADDRESSES: '127.0.0.1', DASHBOARD_READERS: '*' };
    const reader = visitorOf(dashboardParts({ ...database, settings }));
    const asReader = { 'x-remote-user': 'bob' };
    expect((await reader.get('/schedule', asReader)).body).not.toContain('method="post"');
    expect((await reader.post('/schedule/pause-audits', {}, asReader)).status).toBe(403);
    expect(await storedNames()).toEqual([]);
  });

  test.each(['done=nonsense', 'done=a&done=b'])('says what is wrong with %s', async (query) => {
    expect((await visitor.get(`/schedule?${query}`)).status).toBe(400);
  });
});

describe('pausing', () => {
  test.each(['audits', 'events', 'repairs'] as const)('%s and resuming them, each with a note', async (what) => {
    const paused = await send(`pause-${what}`, { note: 'a holiday' });
    expect(paused).toMatchObject({ status: 303, location: `/schedule?done=${what}_paused` });
    expect(await storedNames()).toEqual([`${what}_paused`]);
    const { body } = await visitor.get(paused.location!);
    expect(body).toContain('a holiday');
    expect(body).toContain('role="status"');
    expect(await send(`pause-${what}`)).toMatchObject({ location: `/schedule?done=${what}_resumed` });
    expect(await storedNames()).toEqual([]);
    expect(await recorded()).toEqual([
      ['set brake', `${what}_paused`, 'a holiday'],
      ['release brake', `${what}_paused`, null],
    ]);
  });

  test('twice, as a double click does, is once', async () => {
    const { body } = await visitor.get('/schedule');
    expect((await sendSeen(body, 'pause-audits')).status).toBe(303);
    expect((await sendSeen(body, 'pause-audits')).status).toBe(303);
    expect(await recorded()).toHaveLength(1);
  });

  test('what somebody else paused meanwhile leaves their pause and their reason', async () => {
    const { body: seen } = await visitor.get('/schedule');
    await setBrake(database.db, { name: 'audits_paused', reason: 'paused by bob: the disk', by: { actor: 'bob' } });
    const { status, body } = await sendSeen(seen, 'pause-audits');
    expect(status).toBe(409);
    expect(body).toContain('paused by bob: the disk');
    expect(await recorded()).toHaveLength(1);
  });

  test('of somebody whose name begins with one’s own stays theirs', async () => {
    const other = `${userInfo().username}2`;
    const { body: seen } = await visitor.get('/schedule');
    await pauseWork(database.db, { what: 'audits' }, { actor: other, note: 'the disk' });
    const { status, body } = await sendSeen(seen, 'pause-audits', { note: 'mine' });
    expect([status, body]).toEqual([409, expect.stringContaining(`paused by ${other}: the disk`) as string]);
    const [brake] = await readStoredBrakes(database.db);
    expect(brake).toMatchObject({ reason: `paused by ${other}: the disk`, detail: { actor: other } });
  });

  test('that two ask for at once is the first one’s, and the shell says whose', async () => {
    const both = ['ada', 'bob'].map((actor) =>
      pauseWork(database.db, { what: 'audits' }, { actor, note: `by ${actor}` }),
    );
    const [ada, bob] = await Promise.all(both);
    expect([ada!.isTheirs, bob!.isTheirs].sort()).toEqual([false, true]);
    expect(ada!.reason).toBe(bob!.reason);
  });

  test('is not undone by a page that shows an earlier pause', async () => {
    await send('pause-audits');
    const { body: seen } = await visitor.get('/schedule');
    await send('pause-audits');
    expect(await sendSeen(seen, 'pause-audits')).toMatchObject({ status: 409 });
    await setBrake(database.db, { name: 'audits_paused', reason: 'paused by bob', by: { actor: 'bob' } });
    const { status, body } = await sendSeen(seen, 'pause-audits');
    expect(status).toBe(409);
    expect(body).toContain('paused again');
    expect(await storedNames()).toEqual(['audits_paused']);
  });
});

describe('the pace', () => {
  test.each([
    [{ number: '120', unit: 'hour' }, 120],
    [{ number: '12', unit: 'day' }, 0.5],
    [{ number: '0.5', unit: 'hour' }, 0.5],
    [{ number: '1,200', unit: 'hour' }, 1200],
    [{ number: '600/hour', unit: 'hour' }, 600],
    [{ number: '1,200 a day', unit: 'hour' }, 50],
  ])('is set: %j', async (fields, perHour) => {
    expect((await send('pace', { ...fields, note: 'calm' })).status).toBe(303);
    expect(await pace()).toMatchObject({ perHour, source: 'operator' });
    expect(await recorded()).toEqual([['set pace', 'pace', 'calm']]);
    expect((await send('pace', { unit: 'default' })).location).toBe('/schedule?done=pace_cleared');
    expect(await pace()).toMatchObject({ perHour: 600, source: 'configuration' });
  });

  test('that somebody else set meanwhile stays, and is shown', async () => {
    const { body: seen } = await visitor.get('/schedule');
    await setPace(database.db, { perHour: 7 }, { actor: 'bob' });
    const { status, body } = await sendSeen(seen, 'pace', { number: '9', unit: 'hour' });
    expect(status).toBe(409);
    expect(body).toContain('7 audits an hour');
    expect(await pace()).toMatchObject({ perHour: 7 });
  });

  test('sent twice is set once', async () => {
    const { body } = await visitor.get('/schedule');
    for (let i = 0; i < 2; i++) {
      expect((await sendSeen(body, 'pace', { number: '9', unit: 'hour' })).status).toBe(303);
    }
    expect(await recorded()).toHaveLength(1);
  });

  test.each(['0', '-1', '1e9', 'many', '', '1234567890', '<b>', '0.0000000001', 'NaN', '1,2', '6/week'])(
    'takes no %j',
    async (number) => {
      const { status, body } = await send('pace', { number, unit: 'hour' });
      expect(status).toBe(400);
      expect(body).toContain('number takes a number above 0');
      expect(await pace()).toMatchObject({ source: 'configuration' });
    },
  );
});

describe('the mode', () => {
  test('is switched for all workers, with a note, and back again', async () => {
    expect((await visitor.get('/schedule')).body).toContain('report, as the configuration says');
    expect(await send('mode', { note: 'looked at' })).toMatchObject({ location: '/schedule?done=mode_repair' });
    expect(await mode()).toMatchObject({ mode: 'repair', setBy: userInfo().username });
    expect(await recorded()).toEqual([['set mode', 'mode', 'looked at']]);
    expect((await visitor.get('/schedule?done=mode_repair')).body).toContain('repair, set by');
    expect((await send('mode')).location).toBe('/schedule?done=mode_report');
    expect(await mode()).toMatchObject({ mode: 'report' });
  });

  test('that somebody else set meanwhile stays, and is shown', async () => {
    await settleMode(database.db, { mode: 'repair' });
    const { body: seen } = await visitor.get('/schedule');
    await changeMode(database.db, { mode: 'repair' }, { mode: 'report', by: { actor: 'bob' } });
    await changeMode(database.db, { mode: 'repair' }, { mode: 'repair', by: { actor: 'bob' } });
    const { status, body } = await sendSeen(seen, 'mode');
    expect([status, body]).toEqual([409, expect.stringContaining('repair, set by bob') as string]);
  });

  test('is repair for a few entities, then report again, and says how far that is', async () => {
    expect((await send('canary', { entities: '2' })).location).toBe('/schedule?done=mode_canary');
    expect(await mode()).toMatchObject({ mode: 'repair', canary: { entities: 2, remaining: 2 } });
    const { body } = await visitor.get('/schedule');
    expect(body).toContain('for 2 more of 2 entities');
    expect(body).toContain('0 of 2 entities repaired (begun by');
    expect((await send('mode')).location).toBe('/schedule?done=mode_report');
    for (const entities of ['0', '', 'many', '100001']) {
      expect((await send('canary', { entities })).status).toBe(400);
    }
    expect(await mode()).toMatchObject({ mode: 'report', canary: null });
  });

  test.each(['nonsense', ''])('takes no %j', async (mode) => {
    await visitor.get('/schedule');
    expect((await visitor.post('/schedule/mode', { mode })).status).toBe(400);
  });
});

describe('releasing a brake', () => {
  test('takes it off and records it with its reason', async () => {
    await setBrake(database.db, { name: 'breaker', reason: 'they all say so' });
    expect(await send('release-breaker', { note: 'a change of schema' })).toMatchObject({ status: 303 });
    expect(await storedNames()).toEqual([]);
    expect(await recorded()).toEqual([['release brake', 'breaker', 'a change of schema']]);
    expect((await visitor.get('/schedule')).body).toContain('they all say so');
  });

  test('that was set again since is refused, with its new reason', async () => {
    await setBrake(database.db, { name: 'breaker', reason: 'they all say so' });
    const { body: seen } = await visitor.get('/schedule');
    await database.db.query('delete from artwork_reconciler.brake');
    expect(await sendSeen(seen, 'release-breaker')).toMatchObject({ status: 409 });
    await setBrake(database.db, { name: 'breaker', reason: 'something else' });
    const { status, body } = await sendSeen(seen, 'release-breaker');
    expect(status).toBe(409);
    expect(body).toContain('something else');
    expect(await storedNames()).toEqual(['breaker']);
  });

  test('of refused keys lets the events that were released for them go at once', async () => {
    const { db } = database;
    await setBrake(db, { name: 'keys_refused_caa', reason: '403' });
    const { rows } = await db.query<{ id: number }>(
      `insert into artwork_indexer.event_queue (entity_type, action, message) values ('release', 'noop', '{}') returning id`,
    );
    await db.query(
      `insert into artwork_reconciler.event_not_before (event, until, reason, brake)
       values ($1, now() + interval '1 hour', 'x', 'keys_refused_caa')`,
      [rows[0]!.id],
    );
    expect((await send('release-keys_refused_caa')).status).toBe(303);
    expect((await db.query('select from artwork_reconciler.event_not_before')).rowCount).toBe(0);
    await db.query('truncate artwork_indexer.event_queue cascade');
  });

  test.each([
    [{ brake: 'events_due', since: '2026-01-01T00:00:00.000Z' }],
    [{ brake: 'breaker' }],
    [{ brake: 'breaker', since: 'yesterday' }],
    [{ brake: '; drop table', since: '2026-01-01T00:00:00.000Z' }],
    [{}],
  ])('takes no %j', async (fields: Record<string, string>) => {
    await visitor.get('/schedule');
    expect((await visitor.post('/schedule/release', fields)).status).toBe(400);
  });
});

describe('with Temporal', () => {
  let temporal: Client;
  beforeAll(async () => {
    const { address, namespace } = await createTestNamespace();
    temporal = await openTemporal({ connectionOptions: { address }, namespace });
  });
  afterAll(() => temporal.connection.close());

  test('its schedule is shown and follows the pause', async () => {
    visitor = visitorOf(dashboardParts({ ...database, temporal: () => Promise.resolve(temporal) }));
    // A slow machine may not answer within what a page waits.
    const shown = (text: string) =>
      vi.waitFor(async () => expect((await visitor.get('/schedule')).body).toContain(text), patience);
    await shown('has no schedule yet');
    await ensureSchedules(
      temporal,
      readConfig({ file: '/dev/null', env: { AUDIT_TICK_SECONDS: '3600' } }),
      await readIdentity(database.db),
    );
    await shown('checks next <time');
    await send('pause-audits', { note: 'calm' });
    await vi.waitFor(async () => expect((await readPaceSchedule(temporal))?.isPaused).toBe(true), patience);
    await shown('is paused (audits_paused: paused by');
    await send('pause-audits');
    await vi.waitFor(async () => expect((await readPaceSchedule(temporal))?.isPaused).toBe(false), patience);
  });
});
