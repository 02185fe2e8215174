import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readList } from '../../src/database/lists/list.ts';
import { operatorActionList, readActionsOn } from '../../src/database/bulk-actions/operator-actions.ts';
import { setPace } from '../../src/database/pace/rate.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { addEvent } from '../database/entities/support.ts';
import { dashboardParts, textOf, type Visitor, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';
import { openReview, stray } from './open-review.ts';

const database = await createTestDatabase();
let visitor: Visitor;

beforeAll(async () => {
  visitor = visitorOf(dashboardParts({ ...database, settings: { DASHBOARD_ROWS: '3' } }));
});
beforeEach(() => database.db.query('truncate artwork_reconciler.operator_action restart identity cascade'));

const gid = '76df3287-6cda-33eb-8e9a-044b5e15ffdd';

interface Recorded {
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly note?: string;
  readonly hoursAgo?: number;
}

async function record(...all: readonly Recorded[]): Promise<void> {
  for (const { actor = 'alice', action = 'set pace', target = 'pace', before, after, note, hoursAgo = 0 } of all) {
    await database.db.query(
      `insert into artwork_reconciler.operator_action (actor, action, target, before, after, note, at)
       values ($1, $2, $3, $4::jsonb, $5::jsonb, $6, now() - $7 * interval '1 hour')`,
      [actor, action, target, JSON.stringify(before ?? null), JSON.stringify(after ?? null), note ?? null, hoursAgo],
    );
  }
}

const rowsOf = (body: string) => body.match(/<tr data-row/g)?.length ?? 0;

describe('the operator record', () => {
  test('says who did what, when, on what, what it was and is, and why', async () => {
    await setPace(database.db, { perHour: 600 }, { actor: 'alice', note: 'a calm week' });
    await setPace(database.db, { perDay: 5000 }, { actor: 'bob' });
    const { status, body } = await visitor.get('/record');
    expect(status).toBe(200);
    expect(body).toContain('a calm week');
    expect(body).toContain('<del>600</del>');
    expect(body).toContain('<ins>5000</ins>');
    expect(body.indexOf('bob')).toBeLessThan(body.indexOf('alice'));
  });

  test('leads to what it is about', async () => {
    await record({ target: 'review 7' }, { target: 'event 12' }, { target: `release ${gid}` });
    const { body } = await visitor.get('/record');
    for (const path of ['/reviews/7', '/events/12', `/entities/release/${gid}`])
      expect(body).toContain(`href="${path}"`);
  });

  test('calls what it is about by its name, beside its picture; what is gone as it was recorded', async () => {
    const release = await addRelease(database.db, { name: 'Harbour Songs' });
    const { reviewId } = await openReview(database.db, [stray(98)], release);
    const event = await addEvent(database.db, { key: release });
    await record({ target: `review ${reviewId}` }, { target: `event ${event}` }, { target: 'review 987654' });
    const { body } = await visitor.get('/record');
    expect(textOf(body)).toMatch(
      new RegExp(`Harbour Songs, by .* — image that should not be there review ${reviewId}\\b`),
    );
    expect(textOf(body)).toMatch(new RegExp(`Harbour Songs, by .* — index event ${event}\\b`));
    expect(body).toContain('>review 987654</a>');
    expect(body).toContain(`src="https://coverartarchive.org/release/${release.gid}/front-250"`);
    const [csv] = (await visitor.get(`/record.csv?target=${event}`)).body.trim().split('\n').slice(1);
    expect(csv).toContain(`,event ${event},Harbour Songs,`);
  });

  test('shows what a bulk action changed without thousands of numbers', async () => {
    const requeued = Array.from({ length: 5000 }, (_, n) => n);
    await record({ action: 'requeue events', target: '5000 events', after: { requeued, skipped: [] } });
    const { body } = await visitor.get('/record');
    expect(body).toContain('18, 19 and 4980 more');
    expect(body.length).toBeLessThan(20_000);
  });

  test.each([
    ['actor=bob', 1],
    ['action=release+brake', 1],
    ['target=REVIEW', 1],
    ['newer=2h', 2],
    ['actor=nobody', 0],
    ['actor=&target=', 3],
  ])('is filtered: %s', async (query, rows) => {
    await record(
      { actor: 'bob', hoursAgo: 30 },
      { action: 'release brake', target: 'breaker', hoursAgo: 1 },
      { target: 'review 7' },
    );
    expect(rowsOf((await visitor.get(`/record?${query}`)).body)).toBe(rows);
  });

  test('is read page after page, and as files with the same filter', async () => {
    await record(...Array.from({ length: 8 }, (_, n) => ({ actor: n === 0 ? 'bob' : 'alice', target: `review ${n}` })));
    const seen: string[] = [];
    let path: string | null = '/record?actor=alice';
    while (path !== null) {
      const { body }: { body: string } = await visitor.get(path);
      seen.push(...[...body.matchAll(/href="\/reviews\/(\d)"/g)].map(([, id]) => id!));
      path = /href="([^"]+)" rel="next"/.exec(body)?.[1]?.replaceAll('&amp;', '&') ?? null;
    }
    expect(seen.join('')).toBe('7654321');
    const csv = (await visitor.get('/record.csv?actor=alice')).body.trim().split('\n');
    expect(csv).toHaveLength(8);
    expect(csv[0]).toBe('id,at,actor,action,target,name,artist,before,after,note,can_be_undone,instead_of_undo');
    const lines = (await visitor.get('/record.json?actor=alice')).body.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { target: string }).target)).toContain('review 7');
    expect(lines).toHaveLength(7);
  });

  test('shows hostile texts as texts', async () => {
    const text = '<script>alert(1)</script>';
    await record({ actor: text, action: text, target: text, before: { [text]: text }, after: text, note: text });
    const { body } = await visitor.get(`/record?target=${encodeURIComponent(text)}`);
    expect(rowsOf(body)).toBe(1);
    expect(body).not.toContain('<script>alert');
  });

  test.each(['after=x', 'after=-1', 'newer=soon', `actor=${'x'.repeat(300)}`, 'target=%00', 'action=a&action=b'])(
    'says what is wrong with %s',
    async (query) => {
      expect((await visitor.get(`/record?${query}`)).status).toBe(400);
      expect((await visitor.get(`/record.csv?${query}`)).status).toBe(400);
    },
  );
});

describe('the record of one thing', () => {
  test('is found by its target, to the letter', async () => {
    await record({ target: 'review 7' }, { target: 'review 77' }, { target: `release ${gid}` });
    const rows = await readActionsOn(database.db, ['review 7', `release ${gid}`], 10);
    expect(rows.map(({ target }) => target)).toEqual([`release ${gid}`, 'review 7']);
  });
});

describe('a rare filter over a long record', () => {
  test('costs no more than a page looks at, and continues from there', async () => {
    await database.db.query(
      `insert into artwork_reconciler.operator_action (actor, action, target)
       select case when n = 1 then 'bob' else 'alice' end, 'set pace', 'pace' from generate_series(1, 45000) n`,
    );
    const read = (after: string | null) =>
      readList(database.db, operatorActionList, { actor: 'bob' }, { limit: 3, look: 20_000, after });
    const first = await read(null);
    expect([first.rows.length, first.next]).toEqual([0, '25001']);
    const second = await read(first.next);
    expect([second.rows.length, second.next]).toEqual([0, '5001']);
    const third = await read(second.next);
    expect(third.rows).toHaveLength(1);
    expect(third.next).toBe(null);
    expect((await visitor.get('/record?actor=bob')).body).toContain('older ones may match');
  });
});
