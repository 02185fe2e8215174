import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { apiActions } from '../../src/dashboard/api/routes.ts';
import { pauseWork, readStoredBrakes, setBrake } from '../../src/database/brakes/stored-brakes.ts';
import { dashboardParts, type Visited, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';
import { workOnBulkActions } from '../support/bulk-actions.ts';
import { type BodySchema, isAsDescribed, readDescription } from './api-description.ts';
import { B } from '../database/queue/queue.ts';
import { A, fillLists } from './lists/filled-lists.ts';

const database = await createTestDatabase();
await fillLists(database.db);
const visitor = visitorOf(dashboardParts({ db: database.db }));
const description = await readDescription(visitor);

const seed = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 1e9));

/** @returns what is wrong with an answer by what is described of the action's path and the status, or null */
const check = (path: string, answer: Visited): string | null =>
  isAsDescribed(description, { post: `/api${path}` }, answer);
const told = (answer: Visited): unknown => JSON.parse(answer.body);
const refused = (answer: Visited) => (told(answer) as { error: { details: string[]; message: string } }).error;
const recorded = async () => {
  const { rows } = await database.db.query<{ action: string; target: string; note: string | null }>(
    'select action, target, note from artwork_reconciler.operator_action order by id desc limit 1',
  );
  return rows[0];
};
const stored = async () => (await readStoredBrakes(database.db)).map(({ name }) => name);

/** Values that a schema describes. */
function fitting(schema: BodySchema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(fitting));
  switch (schema.type) {
    case 'object': {
      const required = schema.required ?? [];
      const members = Object.entries(schema.properties ?? {}).map(([name, each]) => [name, fitting(each)] as const);
      return fc.record(Object.fromEntries(members), { requiredKeys: required as string[] });
    }
    case 'array':
      return fc.array(fitting(schema.items!), { minLength: schema.minItems ?? 0, maxLength: 3 });
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1000, 1000) });
    case 'number':
      return fc.double({ min: 0.001, max: 1e8, noNaN: true });
    case 'string':
      if (schema.format === 'uuid') return fc.uuid();
      if (schema.format === 'date-time') {
        return fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((at) => at.toISOString());
      }
      if (schema.pattern?.startsWith('^[^') === false) return fc.stringMatching(new RegExp(schema.pattern));
      return fc.string({ maxLength: Math.min(schema.maxLength ?? 100, 100) }).map((text) => text.replaceAll('\0', ''));
    case 'boolean':
      return fc.boolean();
    case undefined:
    default:
      throw new Error(`the test can't make a ${JSON.stringify(schema)}`);
  }
}

describe(`what programs have done (seed ${seed})`, () => {
  describe.each(apiActions.map(({ path }) => path))('POST /api%s', (path) => {
    test('answers what its description allows as that says', async () => {
      const { schema } = description.paths[`/api${path}`]!.post!.requestBody.content['application/json'];
      await fc.assert(
        fc.asyncProperty(fitting(schema), async (body) => {
          const answer = await visitor.call(`/api${path}`, body as object);
          expect([check(path, answer), answer.status], JSON.stringify(body)).toEqual([
            null,
            // 400: what no schema says, such as an MBID that is none, or one of two fields.
            expect.toSatisfy((status: number) => [200, 400, 404, 409, 503].includes(status)) as number,
          ]);
        }),
        { numRuns: 15, seed },
      );
    });

    test('refuses anything else as described, naming each field', async () => {
      await fc.assert(
        fc.asyncProperty(fc.jsonValue(), async (body) => {
          const answer = await visitor.call(`/api${path}`, JSON.stringify(body));
          // A field that may be left out may be all there is.
          const isNothing = JSON.stringify(body) === '{}';
          expect([check(path, answer), isNothing || answer.status === 400], JSON.stringify(body)).toEqual([null, true]);
        }),
        { numRuns: 15, seed },
      );
      const unknown = await visitor.call(`/api${path}`, { nonsense: 1 });
      expect([unknown.status, check(path, unknown)]).toEqual([400, null]);
      expect(refused(unknown).details.join()).toContain('the body has no field "nonsense"');
    });

    test('takes JSON only, of its own site, from an operator', async () => {
      const answers = {
        415: await visitor.post(`/api${path}`, {}),
        400: await visitor.call(`/api${path}`, '{"a'),
        403: await visitor.call(`/api${path}`, {}, { origin: 'https://elsewhere.example' }),
      };
      for (const [status, answer] of Object.entries(answers)) {
        expect([String(answer.status), check(path, answer)]).toEqual([status, null]);
      }
      const asText = await visitor.call(`/api${path}`, {}, { 'content-type': 'text/plain' });
      expect([asText.status, check(path, asText)]).toEqual([415, null]);
      const site = await visitor.call(`/api${path}`, {}, { 'sec-fetch-site': 'cross-site' });
      expect(site.status).toBe(403);
      const settings = { DASHBOARD_AUTH: 'proxy', DASHBOARD_PROXY_ADDRESSES: '127.0.0.1', DASHBOARD_READERS: 'bob' };
      const proxied = visitorOf(dashboardParts({ db: database.db, settings }));
      const reader = await proxied.call(`/api${path}`, {}, { 'x-remote-user': 'bob' });
      expect([reader.status, check(path, reader)]).toEqual([403, null]);
      expect(refused(reader).message).toContain('may see everything and change nothing');
      const nobody = await proxied.call(`/api${path}`, {});
      expect([nobody.status, check(path, nobody)]).toEqual([401, null]);
    });
  });

  test('what there isn’t is not found', async () => {
    expect((await visitor.call('/api/events', {})).status).toBe(404);
    expect((await visitor.get('/api/schedule/mode')).status).toBe(404);
  });

  test('docs/api.md has all of it (`npm run build && node scripts/write-docs.js` writes it)', async () => {
    const root = resolve(import.meta.dirname, '../..');
    const { withActionsTable } = (await import(join(root, 'scripts/api-page.js'))) as {
      withActionsTable: (page: string, actions: typeof apiActions) => string;
    };
    const page = readFileSync(join(root, 'docs/api.md'), 'utf8');
    expect(page).toContain('| `/schedule/pause-audits` |');
    expect(withActionsTable(page, apiActions)).toBe(page);
  });
});

describe('the levers of the schedule', () => {
  beforeAll(() => database.db.query('delete from artwork_reconciler.brake'));

  test.each(['audits', 'events', 'repairs'])('%s are paused and resumed, by the pause that was seen', async (what) => {
    const paused = told(await visitor.call(`/api/schedule/pause-${what}`, { note: 'the disk' })) as {
      brake: { since: string };
    };
    expect(paused).toMatchObject({ brake: { name: `${what}_paused`, reason: /: the disk$/ } });
    expect(await recorded()).toEqual({ action: 'set brake', target: `${what}_paused`, note: 'the disk' });
    const other = await visitor.call(`/api/schedule/resume-${what}`, { since: '2020-01-01T00:00:00.000Z' });
    expect([other.status, refused(other).message]).toEqual([409, expect.stringContaining('were paused again')]);
    const { since } = paused.brake;
    const resumed = await visitor.call(`/api/schedule/resume-${what}`, { since, note: 'mended' });
    expect(told(resumed)).toMatchObject({ ended: { since } });
    expect(await stored()).toEqual([]);
    expect(told(await visitor.call(`/api/schedule/resume-${what}`, {}))).toEqual({ ended: null });
  });

  test('a pause of somebody else’s stays theirs', async () => {
    await pauseWork(database.db, { what: 'audits' }, { actor: 'bob', note: 'mine' });
    const answer = await visitor.call('/api/schedule/pause-audits', {});
    expect([answer.status, refused(answer).message]).toEqual([409, expect.stringContaining('paused by bob: mine')]);
    await visitor.call('/api/schedule/release', { brake: 'audits_paused' });
  });

  test('a brake is released, and one that can’t be is named with those that can', async () => {
    await setBrake(database.db, { name: 'breaker', reason: 'they all say so' });
    const released = await visitor.call('/api/schedule/release', { brake: 'breaker', note: 'a change of schema' });
    expect(told(released)).toMatchObject({ released: { name: 'breaker', reason: 'they all say so' } });
    expect(await recorded()).toEqual({ action: 'release brake', target: 'breaker', note: 'a change of schema' });
    const wrong = await visitor.call('/api/schedule/release', { brake: 'events_due' });
    expect(refused(wrong).details).toEqual([
      expect.stringMatching(/^brake takes one of events_paused.*got "events_due"$/),
    ]);
  });

  test('mode and pace are set; what was set since it was seen stays', async () => {
    const set = told(await visitor.call('/api/schedule/mode', { mode: 'repair', note: 'looked at' })) as {
      set_at: string;
    };
    expect(set).toMatchObject({ mode: 'repair', set_at: expect.any(String) as string });
    const stale = await visitor.call('/api/schedule/mode', { mode: 'report', seen: '2020-01-01T00:00:00.000Z' });
    expect(stale.status).toBe(409);
    expect(told(await visitor.call('/api/schedule/mode', { mode: 'report', seen: set.set_at }))).toMatchObject({
      mode: 'report',
    });
    expect(told(await visitor.call('/api/schedule/mode', { mode: 'canary', entities: 3 }))).toMatchObject({
      mode: 'repair',
    });
    const few = await visitor.call('/api/schedule/mode', { mode: 'canary' });
    expect(refused(few).details).toEqual([expect.stringContaining('entities takes a whole number from 1')]);
    await visitor.call('/api/schedule/mode', { mode: 'report' });
    const pace = await visitor.call('/api/schedule/pace', { number: 12, unit: 'day' });
    expect(told(pace)).toMatchObject({ per_hour: 0.5, source: 'operator' });
    expect(told(await visitor.call('/api/schedule/pace', { unit: 'default' }))).toMatchObject({
      per_hour: 600,
      source: 'configuration',
    });
    const none = await visitor.call('/api/schedule/pace', { unit: 'hour' });
    expect(refused(none).details).toEqual([expect.stringContaining('number takes a number above 0')]);
  });
});

describe('reviews, entities and many rows', () => {
  async function openReview(): Promise<{ readonly id: number; readonly audit: number | null }> {
    const { rows } = await database.db.query<{ id: number; audit: number | null }>(
      `update artwork_reconciler.needs_manual_review set status = 'open', resolved_at = null, resolved_by = null
       where id = (select max(id) from artwork_reconciler.needs_manual_review) returning id, audit_id as audit`,
    );
    return rows[0]!;
  }

  test('a review is closed and reopened, unless its reasons are of another audit than was seen', async () => {
    const { id, audit } = await openReview();
    const unseen = await visitor.call('/api/reviews/resolve', { review: id, seen_audit: 999_999, note: 'seen to' });
    expect([unseen.status, refused(unseen).message]).toEqual([409, expect.stringContaining('not of 999999')]);
    const body = { review: id, note: 'seen to', ...(audit !== null && { seen_audit: audit }) };
    expect(told(await visitor.call('/api/reviews/resolve', body))).toEqual({ review: id, status: 'resolved' });
    expect(await recorded()).toEqual({ action: 'resolve review', target: `review ${id}`, note: 'seen to' });
    const twice = await visitor.call('/api/reviews/resolve', body);
    expect([twice.status, refused(twice).message]).toEqual([409, expect.stringContaining('is resolved already')]);
    expect(told(await visitor.call('/api/reviews/reopen', { review: id }))).toEqual({ review: id, status: 'open' });
    expect(told(await visitor.call('/api/reviews/wont-fix', { review: id, note: 'so be it' }))).toEqual({
      review: id,
      status: 'wont_fix',
    });
    const silent = await visitor.call('/api/reviews/wont-fix', { review: id });
    expect(refused(silent).details).toEqual([expect.stringMatching(/^note takes a text .*it got nothing$/)]);
    expect((await visitor.call('/api/reviews/resolve', { review: 999_999, note: 'x' })).status).toBe(404);
  });

  test('an index is queued once', async () => {
    const first = told(await visitor.call('/api/entities/index', { entity: A, note: 'asked for' })) as object;
    expect(first).toMatchObject({ entity_type: 'release', mbid: A, event: expect.any(Number) as number });
    expect(await recorded()).toEqual({ action: 'index entity', target: `release ${A}`, note: 'asked for' });
    expect(told(await visitor.call('/api/entities/index', { entity: `mbid-${A}` }))).toEqual(first);
    const none = await visitor.call('/api/entities/index', { entity: 'abc' });
    expect(refused(none).details).toEqual([expect.stringMatching(/^entity takes an MBID.*got "abc"$/)]);
  });

  test('an audit needs Temporal, and says so', async () => {
    const answer = await visitor.call('/api/entities/audit', { entity: A });
    expect([answer.status, refused(answer).message]).toEqual([503, expect.stringContaining('Temporal')]);
  });

  test('many rows: a dry run by filter, what it says, its confirmation, its end', async () => {
    await openReview();
    const begun = told(await visitor.call('/api/bulk/resolve-reviews', { filter: { status: 'open' } })) as {
      id: string;
      chosen: number;
    };
    // Where the first seconds don't do, workers go on.
    await workOnBulkActions(database.db);
    expect(told(await visitor.get(`/api/bulk/${begun.id}`))).toMatchObject({
      ...{ kind: 'resolve_reviews', state: 'planned' },
      planned: { done: begun.chosen },
    });
    const silent = await visitor.call('/api/bulk/confirm', { bulk_action: begun.id });
    expect(refused(silent).details).toEqual([expect.stringContaining('note takes a text')]);
    const confirmed = await visitor.call('/api/bulk/confirm', { bulk_action: begun.id, note: 'all seen to' });
    expect(told(confirmed)).toMatchObject({ state: 'running', note: 'all seen to' });
    await workOnBulkActions(database.db);
    const done = await visitor.get(`/api/bulk/${begun.id}`);
    expect(isAsDescribed(description, { get: '/api/bulk/{id}' }, done)).toBeNull();
    expect(told(done)).toMatchObject({ state: 'done', outcome: { done: begun.chosen } });
    expect((await visitor.call('/api/bulk/stop', { bulk_action: begun.id })).status).toBe(409);
    expect((await visitor.get('/api/bulk/abc')).status).toBe(404);
  });

  test('what one recorded action did is undone, after a dry run', async () => {
    const { id } = await openReview();
    await visitor.call('/api/reviews/resolve', { review: id, note: 'too early' });
    const { rows } = await database.db.query<{ id: number }>(
      'select max(id) as id from artwork_reconciler.operator_action',
    );
    const begun = told(await visitor.call('/api/record/undo', { action: rows[0]!.id })) as { id: string };
    await workOnBulkActions(database.db);
    expect(told(await visitor.get(`/api/bulk/${begun.id}`))).toMatchObject({
      ...{ kind: 'undo_reviews', state: 'planned' },
      planned: { done: 1 },
    });
    await visitor.call('/api/bulk/confirm', { bulk_action: begun.id });
    await workOnBulkActions(database.db);
    expect(told(await visitor.get(`/api/bulk/${begun.id}`))).toMatchObject({ state: 'done', outcome: { done: 1 } });
    const none = await visitor.call('/api/record/undo', { action: 999_999 });
    expect([none.status, refused(none).message]).toEqual([409, expect.stringContaining('there is no action 999999')]);
  });

  test('many rows by a list: each text is one line of it, whatever is in it', async () => {
    const lines = [A, `${A}\n${B}`, B];
    const begun = told(await visitor.call('/api/bulk/prioritise-entities', { lines })) as { id: string };
    await workOnBulkActions(database.db);
    const { rows } = await database.db.query(
      'select line from artwork_reconciler.bulk_action_line where bulk_action = $1 order by line',
      [begun.id],
    );
    expect(rows).toHaveLength(3);
  });

  test('many rows by their ids, and what is wrong with a choice', async () => {
    const { id } = await openReview();
    const begun = told(await visitor.call('/api/bulk/wont-fix-reviews', { ids: [id, String(id)] })) as { id: string };
    expect(begun).toMatchObject({ chosen: 1 });
    expect(told(await visitor.call('/api/bulk/stop', { bulk_action: begun.id }))).toMatchObject({ state: 'stopped' });
    const both = await visitor.call('/api/bulk/resolve-reviews', { ids: [id], filter: {} });
    expect(refused(both).details).toEqual(['the body takes either ids or a filter, or lines']);
    // What names no rows is not about all of them.
    const neither = await visitor.call('/api/bulk/resolve-reviews', {});
    expect(refused(neither).details).toEqual(['the body takes either ids or a filter, or lines']);
    for (const [older, status] of Object.entries({ '90s': 200, '90m': 200, '1.5d': 200, '2w': 200, '36501d': 400 })) {
      const planned = await visitor.call('/api/bulk/requeue-events', { filter: { older } });
      expect([older, planned.status]).toEqual([older, status]);
    }
    const queued = await visitor.call('/api/bulk/requeue-events', { filter: { state: ['queued'] } });
    expect(refused(queued).details).toEqual([expect.stringContaining('state takes failed here')]);
    const nested = await visitor.call('/api/bulk/requeue-events', { filter: { older: 'long', nonsense: 1 } });
    expect(refused(nested).details).toEqual([
      expect.stringMatching(/^filter\.older takes .*got "long"$/),
      'filter has no field "nonsense"',
    ]);
  });
});
