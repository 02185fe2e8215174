import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apiActions } from '../../src/dashboard/api/routes.ts';
import { dashboardParts, type Visited, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';
import { isAsDescribed, type Parameter, type ParameterSchema, readDescription } from './api-description.ts';
import { C } from '../database/queue/queue.ts';
import { A, fillLists, handedOverGid } from './lists/filled-lists.ts';

const database = await createTestDatabase();
await fillLists(database.db);
const visitor = visitorOf(dashboardParts({ db: database.db }));
const description = await readDescription(visitor);

const seed = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 1e9));

/** @returns what is wrong with an answer by what is described of its path and status, or null */
const check = (path: string, answer: Visited): string | null => isAsDescribed(description, { get: path }, answer);

/** Values that a parameter takes, by its description. */
function fitting({ name, schema }: Parameter): fc.Arbitrary<readonly string[]> {
  const one = (each: ParameterSchema): fc.Arbitrary<string> => {
    if (each.enum !== undefined) return fc.constantFrom(...each.enum);
    if (each.type === 'integer') return fc.integer({ min: each.minimum ?? 0, max: each.maximum ?? 1000 }).map(String);
    if (each.pattern !== undefined) return fc.stringMatching(new RegExp(each.pattern));
    return fc.oneof(
      fc.constantFrom('SlowDown', 'ida'),
      fc.string().map((text) => text.replaceAll('\0', '')),
    );
  };
  if (name === 'mbid') return fc.constantFrom([A], [`mbid-${A}`]);
  if (schema.type !== 'array') return one(schema).map((value) => [value]);
  return fc.array(one(schema.items!), { minLength: 1, maxLength: 3 });
}

/** Some parameters of a path with values of these kinds, as the query of an address. */
function queryOf(
  path: string,
  valuesOf: (parameter: Parameter) => fc.Arbitrary<readonly string[]>,
): fc.Arbitrary<string> {
  return fc
    .subarray(
      description.paths[path]!.get!.parameters.filter(({ name }) => name !== 'after'),
      { maxLength: 4 },
    )
    .chain((some) => fc.tuple(...some.map((each) => valuesOf(each).map((values) => [each.name, values] as const))))
    .map((pairs) => {
      const query = new URLSearchParams();
      for (const [name, values] of pairs) for (const value of values) query.append(name, value);
      return query.toString();
    });
}

describe(`what programs read (seed ${seed})`, () => {
  describe.each(['entities', 'events', 'findings', 'record', 'reviews'])('the list of %s', (name) => {
    const path = `/api/${name}`;

    test('takes what its description says, and answers as that says', async () => {
      await fc.assert(
        fc.asyncProperty(queryOf(path, fitting), async (query) => {
          const answer = await visitor.get(`${path}?${query}`);
          expect([answer.status, check(path, answer)], query).toEqual([200, null]);
        }),
        { numRuns: 40, seed },
      );
    });

    test('answers anything else as described, too', async () => {
      const anyValue = () => fc.string().map((text) => [text]);
      await fc.assert(
        fc.asyncProperty(queryOf(path, anyValue), async (query) => {
          expect(check(path, await visitor.get(`${path}?${query}`)), query).toBeNull();
        }),
        { numRuns: 40, seed },
      );
      const wrong = await visitor.get(`${path}?limit=0&after=nowhere`);
      expect([wrong.status, check(path, wrong)]).toEqual([400, null]);
    });
  });

  test('every column of a list is described, and holds what is said of it', () => {
    const schemas = description.components.schemas as Record<string, { properties?: Record<string, object> }>;
    const untold = Object.entries(schemas).flatMap(([list, { properties = {} }]) =>
      Object.entries(properties).flatMap(([column, schema]) =>
        Object.keys(schema).length === 0 ? [`${list}.${column}`] : [],
      ),
    );
    expect(untold).toEqual([]);
  });

  test('a list continues where its page ended, until all were given', async () => {
    const whole = JSON.parse((await visitor.get('/api/entities')).body) as { rows: { id: number }[] };
    const ids: number[] = [];
    for (let after: string | null = ''; after !== null;) {
      const answer = await visitor.get(`/api/entities?limit=1&after=${encodeURIComponent(after)}`);
      const page = JSON.parse(answer.body) as { rows: { id: number }[]; next: string | null };
      ids.push(...page.rows.map(({ id }) => id));
      after = page.next;
    }
    expect(ids).toEqual(whole.rows.map(({ id }) => id));
  });

  test('one entity: how it stands, its reviews and events; an address does as well as an MBID', async () => {
    const path = '/api/entities/{mbid}';
    const answer = await visitor.get(`/api/entities/${A}`);
    expect([answer.status, check(path, answer)]).toEqual([200, null]);
    expect(JSON.parse(answer.body)).toMatchObject({ mbid: A, entity_type: 'release', entity: { mbid: A } });
    const named = await visitor.get(`/api/entities/${encodeURIComponent(`https://musicbrainz.org/release/${A}`)}`);
    expect(named.body).toBe(answer.body);
    const nobody = await visitor.get('/api/entities/99999999-9999-4999-8999-999999999999');
    expect([nobody.status, check(path, nobody)]).toEqual([404, null]);
    const wrong = await visitor.get('/api/entities/abc');
    expect([wrong.status, check(path, wrong)]).toEqual([400, null]);
    expect(wrong.body).toContain('mbid takes an MBID');
  });

  test('one entity has its reviews and events also where lists hide them', async () => {
    const of = async (gid: string) =>
      JSON.parse((await visitor.get(`/api/entities/${gid}`)).body) as Readonly<Record<string, object[]>>;
    expect((await of(handedOverGid))['reviews']).toMatchObject([
      { mbid: handedOverGid, handed_over_to: 'archive_staff' },
    ]);
    expect((await of(C))['events']!.filter((event) => 'dismissed' in event && event.dismissed)).toHaveLength(1);
  });

  test('an answer has no more rows than are asked for, one at least', async () => {
    const rowsOf = async (limit: string) =>
      (JSON.parse((await visitor.get(`/api/events?limit=${limit}`)).body) as { rows: object[] }).rows;
    expect(await rowsOf('2')).toHaveLength(2);
    for (const limit of ['0', '1001']) {
      const { status, body } = await visitor.get(`/api/events?limit=${limit}`);
      expect([limit, status, body]).toEqual([limit, 400, expect.stringContaining('limit takes a whole number')]);
    }
  });

  test('what was done is told since a day ago, where nothing is said', async () => {
    const since = (JSON.parse((await visitor.get('/api/work')).body) as { since: string }).since;
    const hoursAgo = (Date.now() - Date.parse(since)) / 3_600_000;
    expect(hoursAgo).toBeGreaterThanOrEqual(24);
    expect(hoursAgo).toBeLessThan(25.1);
  });

  test.each(['/api/figures', '/api/plan'])('%s is as described', async (path) => {
    const answer = await visitor.get(path);
    expect([answer.status, check(path, answer)]).toEqual([200, null]);
    expect(answer.body).not.toMatch(/"[a-z_]+[A-Z]\w*":/);
  });

  test('what has not changed is not sent again', async () => {
    const first = await visitor.get('/api/events');
    const tag = first.headers.get('etag')!;
    const second = await visitor.get('/api/events', { 'if-none-match': tag });
    expect([second.status, second.body]).toEqual([304, '']);
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
  });

  test('a value that is nested more deeply than can be written is refused as any other that doesn’t fit', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    for (const { path, body } of apiActions) {
      const [name] = Object.keys(body.shape);
      const answer = await visitor.call(`/api${path}`, `{${JSON.stringify(name)}: ${deep}}`);
      expect([path, answer.status]).toEqual([path, 400]);
      expect(answer.body).toContain('a list that is nested too deeply to be shown');
    }
  });

  test('what there isn’t, and who may not see it, is said in JSON', async () => {
    const nothing = await visitor.get('/api/nothing');
    expect(nothing.status).toBe(404);
    expect(JSON.parse(nothing.body)).toMatchObject({ error: { status: 404, title: 'Not found' } });
    const settings = { DASHBOARD_AUTH: 'proxy', DASHBOARD_PROXY_ADDRESSES: '127.0.0.1', DASHBOARD_OPERATORS: 'ida' };
    const stranger = await visitorOf(dashboardParts({ db: database.db, settings })).get('/api/events');
    expect(stranger.status).toBe(401);
    expect(JSON.parse(stranger.body)).toMatchObject({ error: { status: 401, title: 'Not logged in' } });
  });
});
