import { beforeEach, describe, expect, test } from 'vitest';
import { resolveReview } from '../../src/database/entities/close-review.ts';
import type { Finding } from '../../src/domain/checks/finding.ts';
import { groupFindings } from '../../src/domain/checks/findings.ts';
import { defaultPolicies } from '../../src/domain/checks/policies.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import { addAuditEntity, audit, finding, review } from '../database/entities/support.ts';
import { workOnBulkActions } from '../support/bulk-actions.ts';
import { dashboardParts, type Visited, type Visitor, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';
import { handOver, dark, openReview, reviewNow, stray } from './open-review.ts';
import { listReviews } from '../support/lists.ts';

const database = await createTestDatabase();
let visitor: Visitor;

beforeEach(async () => {
  await database.db.query(
    'truncate artwork_reconciler.operator_action, artwork_reconciler.bulk_action, artwork_reconciler.audit_entity cascade',
  );
  visitor = visitorOf(dashboardParts({ db: database.db }));
});

const opened = (findings: readonly Finding[], key?: EntityKey) => openReview(database.db, findings, key);

function reviewsOn({ body }: Visited): number[] {
  return [...body.matchAll(/data-row="(\d+)"/g)].map(([, id]) => Number(id));
}

describe('the list', () => {
  test.each([
    ['', [0, 1, 2]],
    ['check=item.dark', [0]],
    ['check=xml.value', []],
    ['reason=MBID-0000', [1, 2]],
    ['entity_type=event', [2]],
    ['priority=100', [0, 1, 2]],
    ['priority=200', []],
    ['newer=1h', [0, 1, 2]],
    ['older=1h', []],
    ['regressed=1', []],
    ['status=resolved', [3]],
    ['status=any', [0, 1, 2, 3]],
  ])('is narrowed by %s', async (query, expected) => {
    const made = [
      await opened([dark]),
      await opened([stray(1)]),
      await opened([stray(2)], { entityType: 'event', gid: crypto.randomUUID() }),
      await opened([finding('item.exists', 'review')]),
    ];
    await resolveReview(database.db, { reviewId: made[3]!.reviewId, actor: 'ada', note: 'seen to' });
    const page = await visitor.get(`/reviews?${query}`);
    expect(page.status).toBe(200);
    expect(reviewsOn(page)).toEqual(expected.map((n) => made[n]!.reviewId));
    const lines = (await visitor.get(`/reviews.json?${query}`)).body.split('\n').filter((line) => line !== '');
    expect(lines.map((line) => (JSON.parse(line) as { id: number }).id)).toEqual(reviewsOn(page));
  });

  test.each(['', 'check=files.extra_image', 'status=any'])('is whole, page after page: %s', async (query) => {
    const made: number[] = [];
    for (let n = 0; n < 8; n += 1) made.push((await opened([stray(n)])).reviewId);
    const small = visitorOf(
      dashboardParts({ db: database.db, settings: { DASHBOARD_ROWS: '2', DASHBOARD_SCAN_ROWS: '3' } }),
    );
    const seen: number[] = [];
    for (let path: string | undefined = `/reviews?${query}`; path !== undefined;) {
      const page = await small.get(path);
      seen.push(...reviewsOn(page));
      path = /href="([^"]+)" rel="next"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(seen).toEqual(made);
  });

  test('what came back after it was resolved is marked', async () => {
    const first = await opened([dark]);
    await resolveReview(database.db, { reviewId: first.reviewId, actor: 'ada', note: 'made public' });
    await audit(database.db, first, review(dark));
    const page = await visitor.get('/reviews?regressed=1');
    expect(reviewsOn(page)).toHaveLength(1);
    expect(page.body).toContain('is-regressed');
  });

  test('shows what waits for each audience side by side, and is narrowed to one', async () => {
    const leftovers = finding('orphan.leftovers', 'review_last');
    const forStaff = [await opened([leftovers]), await opened([leftovers])];
    const endangered = await opened([stray(1)]);
    const forBoth = await opened([stray(2), leftovers]);
    const { id } = await addAuditEntity(database.db, { status: 'manual_review' });
    const { rows } = await database.db.query<{ id: number }>(
      `insert into artwork_reconciler.needs_manual_review (audit_entity_id, review_reason, reasons)
       values ($1, 'a repair failed for good', '[{"check": null, "reason": "a repair failed for good"}]') returning id`,
      [id],
    );
    const failed = rows[0]!.id;

    const { body } = await visitor.get('/reviews');
    const counts = [...body.matchAll(/data-audience="(\w+)".*?<p>(\S+) open/gs)].map(([, whose, count]) => [
      whose,
      count,
    ]);
    expect(counts).toEqual([
      ['archive_staff', '3'],
      ['musicbrainz_editors', '2'],
      ['operators', '1'],
    ]);
    const narrowed = async (audience: string) => reviewsOn(await visitor.get(`/reviews?audience=${audience}`));
    expect(await narrowed('archive_staff')).toEqual([...forStaff, forBoth].map(({ reviewId }) => reviewId));
    expect(await narrowed('musicbrainz_editors')).toEqual([endangered.reviewId, forBoth.reviewId]);
    expect(await narrowed('operators')).toEqual([failed]);
    for (const [audience, count] of [
      ['archive_staff', 3],
      ['musicbrainz_editors', 2],
      ['operators', 1],
    ] as const) {
      expect(await listReviews(database.db, { audience, limit: 10 })).toHaveLength(count);
    }
  });

  test('an endangered image is on the first page, whatever was opened before it', async () => {
    for (let n = 0; n < 8; n += 1) await opened([finding('orphan.xml', 'review_last')]);
    const { reviewId } = await opened([stray(1)]);
    const small = visitorOf(
      dashboardParts({ db: database.db, settings: { DASHBOARD_ROWS: '2', DASHBOARD_SCAN_ROWS: '3' } }),
    );
    expect(reviewsOn(await small.get('/reviews?audience=musicbrainz_editors'))).toEqual([reviewId]);
  });

  test('each page of what is for one audience is full, however many others were opened in between', async () => {
    const made: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      for (let leftover = 0; leftover < 4; leftover += 1) await opened([finding('orphan.xml', 'review_last')]);
      made.push((await opened([finding('index.value', 'review')])).reviewId);
    }
    const small = visitorOf(
      dashboardParts({ db: database.db, settings: { DASHBOARD_ROWS: '2', DASHBOARD_SCAN_ROWS: '3' } }),
    );
    const pages: number[][] = [];
    for (let path: string | undefined = '/reviews?audience=operators'; path !== undefined;) {
      const page = await small.get(path);
      pages.push(reviewsOn(page));
      path = /href="([^"]+)" rel="next"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(pages).toEqual([made.slice(0, 2), made.slice(2, 4), made.slice(4)]);
  });

  test('so it is whatever their status', async () => {
    const made: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      for (let leftover = 0; leftover < 4; leftover += 1) await opened([finding('orphan.xml', 'review_last')]);
      made.push((await opened([finding('index.value', 'review')])).reviewId);
    }
    await resolveReview(database.db, { reviewId: made[1]!, actor: 'ada', note: 'seen to' });
    const small = visitorOf(
      dashboardParts({ db: database.db, settings: { DASHBOARD_ROWS: '2', DASHBOARD_SCAN_ROWS: '3' } }),
    );
    expect(reviewsOn(await small.get('/reviews?status=any&audience=operators'))).toEqual(made.slice(0, 2));
  });

  test.each(['open', 'any'])('so it is of more groups than can be merged, with status=%s', async (status) => {
    const named = (n: number) => String.fromCharCode(97 + (n % 26), 97 + Math.floor(n / 26));
    for (let n = 0; n < 101; n += 1) {
      const difference = { check: 'files.unknown', subject: `${named(n)}.jpg`, expected: 'no file', found: 'the file' };
      await opened(groupFindings([difference], defaultPolicies));
    }
    const made: number[] = [];
    for (let n = 0; n < 3; n += 1) made.push((await opened([finding('index.value', 'review')])).reviewId);
    const small = visitorOf(
      dashboardParts({ db: database.db, settings: { DASHBOARD_ROWS: '2', DASHBOARD_SCAN_ROWS: '3' } }),
    );
    const page = await small.get(`/reviews?status=${status}&audience=operators`);
    expect(reviewsOn(page)).toEqual(made.slice(0, 2));
    const next = /href="([^"]+)" rel="next"/.exec(page.body)![1]!.replaceAll('&amp;', '&');
    expect(reviewsOn(await small.get(next))).toEqual(made.slice(2));
  });

  test('what is handed over is found by its audience where that is asked for', async () => {
    const { id, reviewId } = await opened([stray(1)]);
    await opened([finding('orphan.xml', 'review_last')]);
    await handOver(database.db, id);
    const path = '/reviews?audience=musicbrainz_editors';
    expect(reviewsOn(await visitor.get(path))).toEqual([]);
    expect(reviewsOn(await visitor.get(`${path}&handed_over=only`))).toEqual([reviewId]);
    expect(reviewsOn(await visitor.get(`${path}&handed_over=shown`))).toEqual([reviewId]);
  });

  test('files say who can act on each', async () => {
    await opened([stray(1), finding('orphan.leftovers', 'review_last')]);
    const [header, line] = (await visitor.get('/reviews.csv')).body.split('\n');
    expect([header, line]).toEqual([
      expect.stringContaining(',checks,audiences,'),
      expect.stringContaining(',"archive_staff; musicbrainz_editors",'),
    ]);
    const [json] = (await visitor.get('/reviews.json')).body.split('\n');
    expect(JSON.parse(json!)).toMatchObject({ audiences: ['archive_staff', 'musicbrainz_editors'] });
  });

  test.each(['status=nonsense', 'audience=nobody', 'older=x', 'group=%00', 'after=x', 'priority=x', 'regressed=2'])(
    'refuses %s',
    async (query) => {
      expect((await visitor.get(`/reviews?${query}`)).status).toBe(400);
    },
  );
});

describe('by reason', () => {
  test('reviews that differ only in numbers, MBIDs and quoted texts are one group, which leads to them', async () => {
    const alike = [await opened([stray(1)]), await opened([stray(22)]), await opened([stray(333)])];
    await opened([dark]);
    await opened([dark, stray(4)]);
    const { body } = await visitor.get('/reviews/groups');
    const links = [...body.matchAll(/href="(\/reviews\?[^"]+group=[^"]+)"/g)].map(([, path]) =>
      path!.replaceAll('&amp;', '&'),
    );
    expect(links).toHaveLength(3);
    const page = await visitor.get(links[0]!);
    expect(reviewsOn(page)).toEqual(alike.map(({ reviewId }) => reviewId));
  });

  test('a hostile reason of 10 KB is a group like others', async () => {
    const found = `<script>1</script>\u202e${'z'.repeat(10_000)}`;
    const examples = [{ subject: 'x', expected: 'y', found, policy: 'review' as const }];
    const { reviewId } = await opened([{ ...dark, examples }]);
    const { status, body } = await visitor.get('/reviews/groups');
    expect(status).toBe(200);
    expect(body).not.toContain('<script>1');
    const path = /href="(\/reviews\?[^"]+group=[^"]+)"/.exec(body)![1]!.replaceAll('&amp;', '&');
    expect(reviewsOn(await visitor.get(path))).toEqual([reviewId]);
  });

  test('a reason that operators’ SQL wrote is grouped, too', async () => {
    const { id } = await addAuditEntity(database.db, { status: 'manual_review' });
    await database.db.query(
      `insert into artwork_reconciler.needs_manual_review (audit_entity_id, review_reason) values ($1, 'look at 12')`,
      [id],
    );
    expect((await visitor.get('/reviews/groups')).body).toContain('look at n');
  });
});

describe('many reviews', () => {
  test('all that a filter matches: a dry run that changes nothing, a note, and then it is done', async () => {
    const strays = [await opened([stray(1)]), await opened([stray(2)]), await opened([stray(3)])];
    const other = await opened([dark]);
    await visitor.get('/reviews?check=files.extra_image');
    const form = { what: 'wont_fix_reviews', scope: 'matching', check: 'files.extra_image' };
    const begun = await visitor.post('/reviews/bulk', form);
    expect(begun.status).toBe(303);
    const dryRun = await visitor.get(begun.location!);
    expect(dryRun.body).toContain('Won’t fix');
    expect((await reviewNow(database.db, strays[0]!.reviewId)).status).toBe('open');
    expect((await visitor.post(`${begun.location}/confirm`, {})).status).toBe(400);
    await resolveReview(database.db, { reviewId: strays[2]!.reviewId, actor: 'bob', note: 'meanwhile' });
    expect((await visitor.post(`${begun.location}/confirm`, { note: 'all known' })).status).toBe(303);
    await workOnBulkActions(database.db);
    for (const { reviewId } of strays.slice(0, 2)) {
      expect(await reviewNow(database.db, reviewId)).toMatchObject({ status: 'wont_fix', notes: 'all known' });
    }
    expect(await reviewNow(database.db, strays[2]!.reviewId)).toMatchObject({ status: 'resolved', by: 'bob' });
    expect((await reviewNow(database.db, other.reviewId)).status).toBe('open');
    const { rows } = await database.db.query(
      `select count(*)::int as records from artwork_reconciler.operator_action where note = 'all known'`,
    );
    expect(rows).toEqual([{ records: 1 }]);
  });

  test('none selected is refused, and so is one that there is not', async () => {
    await opened([dark]);
    await visitor.get('/reviews');
    expect((await visitor.post('/reviews/bulk', { what: 'resolve_reviews', scope: 'selected' })).status).toBe(400);
    const begun = await visitor.post('/reviews/bulk', { what: 'resolve_reviews', scope: 'selected', id: '987654' });
    expect((await visitor.get(begun.location!)).body).toContain('there is no review 987654');
  });
});
