import { userInfo } from 'node:os';
import { Hono } from 'hono';
import { beforeEach, describe, expect, test } from 'vitest';
import { explainErrors } from '../../src/dashboard/app.tsx';
import type { DashboardEnv } from '../../src/dashboard/environment.ts';
import { operatorsOnly } from '../../src/dashboard/forms/same-origin.ts';
import { pageRoutes } from '../../src/dashboard/pages/index.ts';
import { noteFault, readBulkAction } from '../../src/database/bulk-actions/bulk-action.ts';
import { bulkKinds } from '../../src/database/bulk-actions/kinds.ts';
import { stepBulkAction } from '../../src/database/bulk-actions/step.ts';
import { readOnly } from '../../src/database/connection.ts';
import { A, emptyQueue, index, insertEvent, insertEvents, statesOf } from '../database/queue/queue.ts';
import { workOnBulkActions } from '../support/bulk-actions.ts';
import { dashboardParts, type Visited, type Visitor, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
let visitor: Visitor;
beforeEach(async () => {
  await emptyQueue(database.db);
  await database.db.query('delete from artwork_reconciler.bulk_action');
  await database.db.query('delete from artwork_reconciler.operator_action');
  // Nobody but the request works on it, however long that takes.
  visitor = visitorOf(dashboardParts({ ...database, settings: { DASHBOARD_BULK_FIRST_SECONDS: '600' } }));
});

const failed = { state: 'failed', attempts: 5 } as const;
const states = async (): Promise<unknown[]> =>
  (await database.db.query(`select state, count(*)::int from artwork_indexer.event_queue group by 1 order by 1`)).rows;
const records = async (): Promise<unknown[]> =>
  (await database.db.query('select actor, action, target, note, after from artwork_reconciler.operator_action')).rows;

/** Confirms, and has it carried out as workers do; Temporal is away from this dashboard. */
async function carryOut(path: string, fields: Record<string, string> = {}): Promise<Visited> {
  const confirmed = await visitor.post(`${path}/confirm`, fields);
  await workOnBulkActions(database.db);
  return confirmed;
}

/** Sends the form of the list, and returns the page that the dry run leads to. */
async function dryRun(fields: Record<string, string | readonly string[]>): Promise<Visited & { path: string }> {
  await visitor.get('/events');
  const answer = await visitor.post('/events/bulk', { what: 'requeue_events', ...fields });
  expect([answer.status, answer.location]).toEqual([303, expect.stringMatching(/^\/bulk\/[0-9a-f-]{36}$/)]);
  return { ...(await visitor.get(answer.location!)), path: answer.location! };
}
const idOf = (path: string): string => path.split('/').at(-1)!;
const tiles = (body: string): string[] =>
  [...body.matchAll(/<span class="figure">([\d,]+)<\/span> ([^<]+)</g)].map(
    ([, figure, words]) => `${figure} ${words}`,
  );

describe('a bulk action', () => {
  test('on everything that the filter matches is looked at, confirmed, carried out, and one record', async () => {
    await database.db.query(
      `insert into artwork_indexer.event_queue (state, entity_type, action, message, attempts)
       select 'failed', 'release', 'index', jsonb_build_object('gid', md5(n::text)::uuid), 5 from generate_series(1, 1200) n`,
    );
    const other = await insertEvent(database.db, { ...failed, entityType: 'event' });
    const { body, path } = await dryRun({ scope: 'matching', entity_type: 'release' });
    expect(tiles(body)).toEqual(['1,200 would be queued again', '0 would be skipped', '0 would be refused']);
    expect(body).toContain('all failed events of releases');
    expect(await states()).toEqual([{ state: 'failed', count: 1201 }]);
    const confirmed = await carryOut(path, { note: 'the archive is back' });
    expect([confirmed.status, confirmed.location]).toEqual([303, path]);
    const result = await visitor.get(path);
    expect(tiles(result.body)).toEqual(['1,200 queued again', '0 skipped', '0 refused']);
    expect(await statesOf(database.db, [other])).toEqual(['failed']);
    expect(await records()).toEqual([
      {
        actor: expect.any(String) as string,
        action: 'requeue events',
        target: '1200 events',
        note: 'the archive is back',
        after: expect.objectContaining({ bulk_action: idOf(path), state: 'done' }) as unknown,
      },
    ]);
    expect((await visitor.get('/record')).body).toContain(`<a href="${path}">1200 events</a>`);
    const csv = (await visitor.get(`${path}/rows.csv?outcome=done`)).body.trim().split('\n');
    expect(csv).toHaveLength(1201);
  });

  test('on a selection is about that, whatever else matches; and names what is skipped or refused, and why', async () => {
    const [original, twin, chosen, other] = await insertEvents(database.db, [
      { ...index(A), ...failed },
      index(A),
      failed,
      failed,
    ]);
    const child = await insertEvent(database.db, { ...failed, dependsOn: [other!] });
    const { body, path } = await dryRun({ scope: 'selected', id: [original, chosen, child].map(String) });
    expect(tiles(body)).toEqual(['1 would be queued again', '1 would be skipped', '1 would be refused']);
    expect(body).toContain(`event ${twin} is the same, and queued`);
    expect(body).toContain(`event ${other}, which it depends on, stays failed`);
    await carryOut(path);
    expect(await statesOf(database.db, [original!, chosen!, other!, child])).toEqual([
      'failed',
      'queued',
      'failed',
      'failed',
    ]);
    const json = (await visitor.get(`${path}/rows.json?outcome=refused`)).body.trim();
    expect(JSON.parse(json)).toMatchObject({ id: child, outcome: 'refused', dry_run: 'refused' });
  });

  test('of nothing selected is refused, and not taken for everything', async () => {
    await insertEvents(database.db, [failed]);
    await visitor.get('/events');
    const wrong: Record<string, string>[] = [{}, { scope: 'selected' }, { scope: 'matching', state: 'completed' }];
    for (const fields of wrong) {
      expect((await visitor.post('/events/bulk', { what: 'requeue_events', ...fields })).status).toBe(400);
    }
    expect((await database.db.query('select from artwork_reconciler.bulk_action')).rowCount).toBe(0);
  });

  test('that is confirmed twice is carried out once', async () => {
    await insertEvents(database.db, [failed, failed]);
    const { path } = await dryRun({ scope: 'matching' });
    const answers = await Promise.all([visitor.post(`${path}/confirm`, {}), visitor.post(`${path}/confirm`, {})]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect((await visitor.post(`${path}/confirm`, { note: 'once more' })).status).toBe(303);
    expect(await records()).toHaveLength(1);
    await workOnBulkActions(database.db);
    expect(tiles((await visitor.get(path)).body)[0]).toBe('2 queued again');
  });

  test('does no more than was shown: what changed meanwhile is refused and named, what came is left', async () => {
    const [gone, kept] = await insertEvents(database.db, [failed, failed]);
    const { path } = await dryRun({ scope: 'matching' });
    await database.db.query(`update artwork_indexer.event_queue set state = 'completed' where id = $1`, [gone]);
    const later = await insertEvent(database.db, failed);
    await carryOut(path);
    const { body } = await visitor.get(path);
    expect(tiles(body)).toEqual(['1 queued again', '0 skipped', '1 refused']);
    expect(body).toContain('it is completed');
    expect(await statesOf(database.db, [kept!, later])).toEqual(['queued', 'failed']);
  });

  test('that was discarded can’t be confirmed any more', async () => {
    const [id] = await insertEvents(database.db, [failed]);
    const { path } = await dryRun({ scope: 'matching' });
    expect((await visitor.post(`${path}/stop`, {})).status).toBe(303);
    expect((await visitor.post(`${path}/confirm`, {})).status).toBe(409);
    expect((await visitor.get(path)).body).toContain('discarded');
    expect(await statesOf(database.db, [id!])).toEqual(['failed']);
  });

  test('of all or nothing is not confirmed where some of it can’t be done, and not begun where it is too long', async () => {
    await visitor.get('/bulk/list');
    const list = (lines: readonly string[]) =>
      visitor.post('/bulk/list', { what: 'prioritise_entities', list: lines.join('\n'), all_or_nothing: '1' });
    const begun = await list([A, 'nonsense']);
    expect([begun.status, begun.location]).toEqual([303, expect.stringMatching(/^\/bulk\//)]);
    await workOnBulkActions(database.db);
    const { status, body } = await visitor.post(`${begun.location}/confirm`, {});
    expect([status, body]).toEqual([409, expect.stringContaining('All of it was to be done or nothing')]);
    const tooLong = await list(Array.from({ length: 5001 }, () => A));
    expect([tooLong.status, tooLong.body]).toEqual([400, expect.stringContaining('more than 5000 lines')]);
  });

  test('dismisses, too', async () => {
    await insertEvents(database.db, [failed, failed]);
    const { path } = await dryRun({ scope: 'matching', what: 'dismiss_events' });
    // Nothing was done yet, and the list says so.
    const counted = () =>
      visitor
        .get('/bulk')
        .then(({ body }) => new RegExp(`${path}".*?class="number"[^>]*>(.*?)</td>`, 's').exec(body)?.[1]);
    const done = (words: string) => `<a href="${path}#outcome-done">${words}</a>`;
    expect(await counted()).toBe(done('would be 2'));
    await carryOut(path, { note: '<b>known</b>' });
    expect((await visitor.get('/events')).body).toContain('There are none.');
    const { body } = await visitor.get(path);
    expect(body).toContain('&lt;b&gt;known');
    expect(await counted()).toBe(done('2'));
  });

  test.each([
    '/bulk/nonsense',
    '/bulk/00000000-0000-4000-8000-000000000000',
    '/bulk/00000000-0000-4000-8000-000000000000/rows.csv',
  ])('that there is not is 404: %s', async (path) => expect((await visitor.get(path)).status).toBe(404));
});

describe('who may', () => {
  test('somebody with the role read-only sees no button, and is refused whatever they send', async () => {
    const [id] = await insertEvents(database.db, [failed]);
    const { path } = await dryRun({ scope: 'matching' });
    const parts = dashboardParts(database);
    const app = new Hono<DashboardEnv>();
    app.onError(explainErrors(app));
    app.use(async (c, next) => {
      c.set('parts', parts);
      c.set('person', { name: 'guest', role: 'read-only' });
      c.set('formToken', 'token');
      c.set('attention', () => Promise.resolve(null));
      c.set('read', (work) => readOnly(parts.db, 5, work));
      await next();
    });
    app.on('POST', '*', operatorsOnly());
    app.route('/', pageRoutes());
    for (const page of ['/events', `/events/${id}`, path]) {
      const body = await (await app.request(page)).text();
      expect(body).not.toContain('method="post"');
    }
    for (const form of [
      '/events/bulk',
      `/events/${id}/requeue`,
      `/events/${id}/dismiss`,
      `${path}/confirm`,
      `${path}/stop`,
    ]) {
      expect([form, (await app.request(form, { method: 'POST' })).status]).toEqual([form, 403]);
    }
    expect((await readBulkAction(database.db, idOf(path)))?.state).toBe('planned');
  });
});

describe('while it is carried out', () => {
  /** A planned and confirmed action of so many failed events that nobody has begun. */
  async function confirmedAction(count: number): Promise<string> {
    await insertEvents(
      database.db,
      Array.from({ length: count }, () => failed),
    );
    const { path } = await dryRun({ scope: 'matching' });
    expect((await visitor.post(`${path}/confirm`, {})).status).toBe(303);
    return idOf(path);
  }

  test('the page says that it waits for a worker where Temporal is away, and that nothing is lost', async () => {
    const id = await confirmedAction(3);
    const { body } = await visitor.get(`/bulk/${id}`);
    expect(body).toContain('It waits for a worker: Temporal can’t be reached from here. Nothing is lost meanwhile');
    expect(tiles(body)).toEqual(['0 queued again', '0 skipped', '0 refused']);
    await workOnBulkActions(database.db);
    const done = await visitor.get(`/bulk/${id}`);
    expect(done.body).not.toContain('waits for a worker');
    expect(tiles(done.body)).toEqual(['3 queued again', '0 skipped', '0 refused']);
  });

  test('a dry run that takes longer than a request may is left to workers, and the page says how far it is', async () => {
    visitor = visitorOf(
      dashboardParts({ ...database, settings: { DASHBOARD_BULK_FIRST_SECONDS: '0.000001', BULK_ROWS: '2' } }),
    );
    const ids = await insertEvents(database.db, [failed, failed, failed]);
    const { body, path } = await dryRun({ scope: 'matching' });
    expect(body).toContain('2 events found so far');
    expect(body).toContain('It waits for a worker');
    // Without script it is loaded again for as long as it is counted, and no longer.
    expect(body).toMatch(/<noscript><meta http-equiv="refresh" content="\d+"\/><\/noscript>/);
    await workOnBulkActions(database.db);
    const counted = (await visitor.get(path)).body;
    expect(counted).not.toContain('http-equiv="refresh"');
    expect(tiles(counted)[0]).toBe('3 would be queued again');
    expect(await statesOf(database.db, ids)).toEqual(['failed', 'failed', 'failed']);
  });

  test('the page says why a batch failed, and that it is tried again', async () => {
    const id = await confirmedAction(3);
    await noteFault(database.db, id, 'no room left on <disk>');
    expect((await visitor.get(`/bulk/${id}`)).body).toContain('no room left on &lt;disk&gt;');
  });

  test('one that is stopped does no more, and what was done stays', async () => {
    const id = await confirmedAction(20);
    await stepBulkAction(database.db, bulkKinds, { id, rows: 5 });
    await visitor.get(`/bulk/${id}`);
    expect((await visitor.post(`/bulk/${id}/stop`, {})).status).toBe(303);
    expect(await stepBulkAction(database.db, bulkKinds, { id, rows: 5 })).toBe('idle');
    const { rows } = await database.db.query(
      `select actor, action, target, before, after from artwork_reconciler.operator_action order by id desc limit 1`,
    );
    expect(rows).toEqual([
      {
        actor: userInfo().username,
        action: 'stop requeue events',
        target: '20 events',
        before: { bulk_action: id, state: 'running' },
        after: { bulk_action: id, state: 'stopped', outcome: { done: 5, skipped: 0, refused: 0 } },
      },
    ]);
    expect(await readBulkAction(database.db, id)).toMatchObject({ stoppedBy: userInfo().username });
    // Again, by whoever else saw the button, is no other stop.
    expect((await visitor.post(`/bulk/${id}/stop`, {})).status).toBe(303);
    const stops = `select from artwork_reconciler.operator_action where action like 'stop %' and after->>'bulk_action' = $1`;
    expect((await database.db.query(stops, [id])).rowCount).toBe(1);
    expect(await states()).toEqual([
      { state: 'queued', count: 5 },
      { state: 'failed', count: 15 },
    ]);
  });
});
