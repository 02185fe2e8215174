import { beforeEach, describe, expect, test } from 'vitest';
import { excludeEntities } from '../../src/database/entities/exclusion.ts';
import { releaseEntity } from '../../src/database/entities/release-entity.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import { addAuditEntity, audit, begin, clean, finding, review, settings } from '../database/entities/support.ts';
import { dashboardParts, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();

beforeEach(() => database.db.query('truncate artwork_reconciler.audit_entity cascade'));

const visit = (path: string, settingsOf: Readonly<Record<string, string>> = {}) =>
  visitorOf(dashboardParts({ db: database.db, settings: settingsOf })).get(path);

/** The entities that a page shows, in its order. */
function gidsOn(body: string): string[] {
  const table = /<tbody>.*<\/tbody>/s.exec(body)?.[0] ?? '';
  return [...table.matchAll(/href="\/entities\/(?:release|event)\/([0-9a-f-]{36})"/g)].map(([, gid]) => gid!);
}

const numbered = (n: number, entityType: EntityKey['entityType'] = 'release'): EntityKey => ({
  entityType,
  gid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
});

describe('the list of entities', () => {
  test('says so where there are none', async () => {
    const { status, body } = await visit('/entities');
    expect(status).toBe(200);
    expect(body).toContain('There are no entities that match.');
  });

  test.each([
    ['status=manual_review', [2]],
    ['status=clean', [1]],
    ['status=audit_in_progress', [5]],
    ['entity_type=event', [3]],
    ['check=item.dark', [2]],
    ['check=item.dark&amp;status=clean'.replace('&amp;', '&'), []],
    ['check=xml.value', []],
    ['due=now', [0, 3]],
    ['due=later', [4]],
    ['cause=settling', [4]],
    ['cause=report_mode', []],
    ['priority=200', [3]],
    ['priority=100&due=now', [0]],
    ['newer=1h', [2, 1]],
    ['older=1h', [6]],
    ['never=1', [0, 3, 4, 5]],
    [`mbid=${numbered(3).gid}`, [3]],
    [`mbid=https://musicbrainz.org/release/${numbered(2).gid}/cover-art`, [2]],
    [`mbid=https://archive.org/details/mbid-${numbered(1).gid}`, [1]],
    [`mbid=https://musicbrainz.org/release/${numbered(3).gid}`, []],
    ['status=&entity_type=&mbid=&check=', [0, 1, 2, 3, 4, 5, 6]],
  ])('is narrowed by %s', async (query, expected) => {
    const { db } = database;
    await addAuditEntity(db, { key: numbered(0) });
    await audit(db, await addAuditEntity(db, { key: numbered(1) }), clean);
    await audit(db, await addAuditEntity(db, { key: numbered(2) }), review(finding('item.dark', 'review')));
    await addAuditEntity(db, { key: numbered(3, 'event'), priority: 200 });
    const waiting = await begin(db, await addAuditEntity(db, { key: numbered(4) }));
    await releaseEntity(
      db,
      { entityId: waiting.entityId, runId: waiting.runId, cause: 'settling', reason: 'changed' },
      settings,
    );
    await begin(db, await addAuditEntity(db, { key: numbered(5) }));
    await addAuditEntity(db, { key: numbered(6), status: 'legacy', last_audit_at: new Date(Date.now() - 86_400_000) });
    const { status, body } = await visit(`/entities?${query}`);
    expect(status).toBe(200);
    expect(gidsOn(body).sort()).toEqual(expected.map((n) => numbered(n).gid).sort());
    const lines = (await visit(`/entities.json?${query}`)).body.split('\n').filter((line) => line !== '');
    expect(lines.map((line) => (JSON.parse(line) as { mbid: string }).mbid).sort()).toEqual(gidsOn(body).sort());
  });

  const orders = {
    'due now, as the pacer claims them': 'due=now',
    'waiting, as they become due': 'due=later',
    'of one status, as they are audited again': 'status=clean',
    'in progress': 'status=audit_in_progress',
    'audited since, the latest first': 'newer=9w',
    'audited long ago': 'older=1s',
    'of one check': 'check=item.dark',
    'of one type': 'entity_type=release',
    all: '',
  };
  test.each(Object.entries(orders))('is whole, page after page: those %s', async (_what, query) => {
    const { db } = database;
    const expected: string[] = [];
    const moment = (n: number): Date => new Date(Date.now() - 3_600_000 - Math.floor(n / 3) * 1000);
    for (let n = 0; n < 17; n += 1) {
      const columns = {
        'due=now': { priority: n % 4 === 0 ? 200 : 100, last_audit_at: n % 3 === 0 ? null : moment(n) },
        'due=later': { due_at: new Date(Date.now() + 3_600_000 * (1 + Math.floor(n / 5))) },
        'status=clean': { status: 'clean', last_audit_at: n % 5 === 0 ? null : moment(n) },
        'status=audit_in_progress': { status: 'audit_in_progress', claimed_at: n % 5 === 0 ? null : moment(n) },
      }[query] ?? { last_audit_at: moment(n) };
      const entity = await addAuditEntity(db, { key: numbered(n), ...columns });
      if (query.startsWith('check')) {
        await db.query(`insert into artwork_reconciler.standing_finding values ($1, 'item.dark')`, [entity.id]);
      }
      expected.push(entity.gid);
    }
    const seen: string[] = [];
    // A page looks at fewer rows than there are, too.
    for (let path: string | undefined = `/entities?${query}`; path !== undefined;) {
      const { body } = await visit(path, { DASHBOARD_ROWS: '3', DASHBOARD_SCAN_ROWS: '5' });
      seen.push(...gidsOn(body));
      path = /href="([^"]+)" rel="next"/.exec(body)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(seen).toHaveLength(expected.length);
    expect([...seen].sort()).toEqual([...expected].sort());
    const { rows } = await db.query<{ gid: string }>(
      `select gid::text from artwork_reconciler.audit_entity
       order by ${query === 'due=now' ? 'priority desc, last_audit_at nulls first, id' : query === 'newer=9w' ? 'last_audit_at desc, id desc' : query === 'due=later' ? 'due_at, id' : 'id'}`,
    );
    if (/due|newer/.test(query)) expect(seen).toEqual(rows.map(({ gid }) => gid));
  });

  test('each page of what one audience can act on is full, and has each entity once', async () => {
    const { db } = database;
    const expected: string[] = [];
    for (let n = 0; n < 40; n += 1) {
      const { id, gid } = await addAuditEntity(db, { key: numbered(n) });
      const checks = n % 8 === 7 ? ['xml.value', 'index.order'] : ['files.thumbnail'];
      for (const check of checks) {
        await db.query(`insert into artwork_reconciler.standing_finding values ($1, $2)`, [id, check]);
      }
      if (n % 8 === 7) expected.push(gid);
    }
    const pages: string[][] = [];
    for (let path: string | undefined = '/entities?audience=operators'; path !== undefined;) {
      const { body } = await visit(path, { DASHBOARD_ROWS: '2', DASHBOARD_SCAN_ROWS: '3' });
      pages.push(gidsOn(body));
      path = /href="([^"]+)" rel="next"/.exec(body)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(pages).toEqual([expected.slice(0, 2), expected.slice(2, 4), expected.slice(4)]);
  });

  test('searches on where few of many match, and says that it has not seen all', async () => {
    const { db } = database;
    for (let n = 0; n < 9; n += 1) {
      await addAuditEntity(db, { key: numbered(n, n === 8 ? 'event' : 'release'), status: 'manual_review' });
    }
    const few = { DASHBOARD_SCAN_ROWS: '4' };
    const { body } = await visit('/entities?status=manual_review&entity_type=event', few);
    expect(gidsOn(body)).toEqual([]);
    expect(body).toContain('None among those checked so far');
    expect(body).toContain('<strong>0+</strong> entities');
    const lines = (await visit('/entities.json?status=manual_review&entity_type=event', few)).body.trim().split('\n');
    expect(lines.filter((line) => line !== '')).toHaveLength(1);
  });

  test('shows hostile names as text, and short', async () => {
    const { db } = database;
    const key = numbered(1, 'event');
    const name = `<script>alert(1)</script> \u202e${'x'.repeat(10_000)}`;
    await db.query('insert into musicbrainz.event (gid, name) values ($1, $2)', [key.gid, name]);
    await addAuditEntity(db, { key });
    const { body } = await visit('/entities');
    expect(body).toContain('&lt;script&gt;alert(1)');
    expect(body).not.toContain('<script>alert');
    expect(body).not.toContain('x'.repeat(200));
  });

  test.each([
    ['status=nonsense', 'status takes one of'],
    ['priority=-1', 'priority takes a whole number'],
    ['priority=99999', 'priority takes a whole number'],
    ['older=yesterday', 'older takes a number and a unit'],
    ['mbid=nonsense', 'mbid takes an MBID'],
    ['check=%00', 'check takes one of'],
    ['cause=weather', 'cause takes one of'],
    ['after=nonsense', 'after takes what the link'],
    [`after=${Buffer.from('["1; drop"]').toString('base64url')}`, 'after takes what the link'],
    [`after=${Buffer.from('[null]').toString('base64url')}`, 'after takes what the link'],
    [`entity_type=event&mbid=https://musicbrainz.org/release/${numbered(1).gid}`, 'give one of them'],
    ['status=clean&status=legacy', 'status takes one of'],
  ])('refuses %s, and says what it takes', async (query, words) => {
    for (const path of ['/entities', '/entities.csv']) {
      const { status, body } = await visit(`${path}?${query}`);
      expect([path, status]).toEqual([path, 400]);
      expect(body).toContain(words);
    }
  });

  test('is a file for spreadsheets with the same filter', async () => {
    const { db } = database;
    await audit(db, await addAuditEntity(db, { key: numbered(1) }), review(finding('item.dark', 'review')));
    await addAuditEntity(db, { key: numbered(2) });
    const { headers, body } = await visit('/entities.csv?status=manual_review');
    expect(headers.get('content-type')).toContain('text/csv');
    expect(headers.get('content-disposition')).toContain('entities.csv');
    const [head, line, ...rest] = body.trim().split('\n');
    expect(head).toBe(
      'id,entity_type,mbid,name,artist,status,priority,last_audit_at,due_at,due_cause,claimed_at,checks',
    );
    expect(line).toMatch(/^\d+,release,00000000-0000-4000-8000-000000000001,,,manual_review,100,[^,]+,,,,item.dark$/);
    expect(rest).toEqual([]);
  });
});

test('an entity that is left alone says by whom and why, in its page and not as due', async () => {
  const { db } = database;
  const key = numbered(1);
  const { id } = await addAuditEntity(db, { key });
  await db.transaction((tx) => excludeEntities(tx, [id], { actor: 'ida', note: 'a test of the label' }));
  const { body } = await visit(`/entities/release/${key.gid}`);
  expect(body).toContain('by ida: a test of the label');
  expect(body).not.toContain('9999');
  expect((await visit('/entities?cause=excluded')).body).not.toContain('9999');
  expect(gidsOn((await visit('/entities?cause=excluded')).body)).toEqual([key.gid]);
});
