import { beforeEach, describe, expect, test } from 'vitest';
import { resolveReview } from '../../src/database/entities/close-review.ts';
import { findCheck } from '../../src/domain/checks/catalogue.ts';
import type { Finding } from '../../src/domain/checks/finding.ts';
import { adviceOn } from '../../src/domain/decision/review-reason.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import { addImage, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { audit, clean, finding, review, statusOf } from '../database/entities/support.ts';
import { dashboardParts, textOf, type Visitor, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';
import { dark, handOver, openReview, openReviewOf, reviewNow, stray } from './open-review.ts';

const database = await createTestDatabase();
let visitor: Visitor;

beforeEach(async () => {
  await database.db.query(
    'truncate artwork_reconciler.operator_action, artwork_reconciler.bulk_action, artwork_reconciler.audit_entity cascade',
  );
  visitor = visitorOf(dashboardParts({ db: database.db }));
});

const opened = (findings: readonly Finding[], key?: EntityKey) => openReview(database.db, findings, key);

/** What the page's form sends along, so that who has seen something else is refused. */
async function seenOn(path: string): Promise<string> {
  const { body } = await visitor.get(path);
  return /name="seen" value="([^"]+)"/.exec(body)![1]!;
}

describe('one review', () => {
  test('says why with expected and found, and leads to its neighbours in the list', async () => {
    const made = [await opened([stray(1)]), await opened([dark]), await opened([stray(2)]), await opened([stray(3)])];
    const { body } = await visitor.get(`/reviews/${made[2]!.reviewId}?check=files.extra_image`);
    expect(body).toContain(`<a href="/reviews/${made[0]!.reviewId}?check=files.extra_image" rel="prev">`);
    expect(body).toContain(`<a href="/reviews/${made[3]!.reviewId}?check=files.extra_image" rel="next">`);
    expect(body).toContain('an image of this entity');
  });

  test.each([
    ['resolve', 'resolved', 'unchecked'],
    ['wont_fix', 'wont_fix', 'unchecked'],
  ])('%s makes it %s, its entity due, and leads to the next one', async (what, status, entityStatus) => {
    const [one, other] = [await opened([stray(1)]), await opened([stray(2)])];
    const path = `/reviews/${one.reviewId}`;
    const sent = await visitor.post(path, { what, note: 'looked at it', next: '1', seen: await seenOn(path) });
    expect([sent.status, sent.location]).toEqual([303, `/reviews/${other.reviewId}?answered=${one.reviewId}`]);
    expect(await reviewNow(database.db, one.reviewId)).toMatchObject({ status, notes: 'looked at it' });
    expect(await statusOf(database.db, one)).toBe(entityStatus);
  });

  test('the last of a queue leads back to its list', async () => {
    const { reviewId } = await opened([dark]);
    const path = `/reviews/${reviewId}?check=item.dark`;
    const sent = await visitor.post(path, { what: 'resolve', note: 'x', next: '1', seen: await seenOn(path) });
    expect(sent.location).toBe(`/reviews?check=item.dark&answered=${reviewId}`);
    expect((await visitor.get(sent.location!)).body).toContain('id="answered"');
  });

  test('says what is wrong, what to do, and where each image in question is seen', async () => {
    const owner = await addRelease(database.db);
    const { id: image } = await addImage(database.db, owner);
    const name = `mbid-${owner.gid}-${image}.jpg`;
    const examples = [{ subject: `image ${image}`, expected: name, found: 'no such file', policy: 'review' as const }];
    const made = await opened([{ ...finding('files.image', 'review'), examples }], {
      entityType: 'release',
      gid: owner.gid,
    });
    const { body } = await visitor.get(`/reviews/${made.reviewId}`);
    const { wrong, steps } = findCheck('files.image')!;
    for (const text of [wrong, ...steps]) expect(body).toContain(text);
    const hrefs = [...body.matchAll(/href="(https:[^"]+)"/g)].map(([, href]) => href);
    expect(hrefs).toContain(`https://archive.org/download/mbid-${owner.gid}/${name}`);
    expect(hrefs).toContain(`https://archive.org/download/mbid-${owner.gid}/history/files/`);
    expect(hrefs.filter((href) => /musicbrainz\.org\/edit\/\d+$/.test(href!))).toHaveLength(1);
    expect(body).toMatch(/<details id="images"[^>]* open/);
    const { reviewId } = await opened([dark]);
    expect((await visitor.get(`/reviews/${reviewId}`)).body).not.toMatch(/<details id="images"[^>]* open/);
  });

  test.each([
    ['2 repairs failed for good: index (event 1): x', 'used up its attempts'],
    ['could not be judged, 5 consecutive times: x', 'came to nothing'],
    ['something else', 'than a check of this version’s catalogue'],
  ])('says of what is no finding what is wrong: %s', (reason, wrong) => {
    expect(adviceOn({ check: null, reason }).wrong).toContain(wrong);
  });

  test('the page after an answer says what has become of it, and takes it back until another review is open', async () => {
    const [one, other] = [await opened([dark]), await opened([stray(2)])];
    const path = `/reviews/${one.reviewId}`;
    const sent = await visitor.post(path, {
      what: 'resolve',
      note: 'made public',
      next: '1',
      seen: await seenOn(path),
    });
    const after = async () => textOf((await visitor.get(sent.location!)).body);
    expect(sent.location).toContain(`/reviews/${other.reviewId}?`);
    expect(await after()).toContain(`Review ${one.reviewId} resolved, its audit: due Undo`);
    expect(await after()).toContain('Same note as last time: made public');
    expect((await visitor.get(`${sent.location}&note=last`)).body).toMatch(/<textarea[^>]*>made public<\/textarea>/);
    await audit(database.db, one, review(dark));
    const again = await openReviewOf(database.db, one.id);
    expect(await after()).toContain(`Review ${one.reviewId} resolved, its audit: regressed as review ${again}`);
    expect(await after()).not.toContain('Undo');
  });

  test('what was answered is taken back right away by one button', async () => {
    const one = await opened([dark]);
    const path = `/reviews/${one.reviewId}`;
    const sent = await visitor.post(path, { what: 'wont_fix', note: 'fine', next: '1', seen: await seenOn(path) });
    const { body } = await visitor.get(sent.location!);
    const field = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(body)![1]!;
    const undone = await visitor.post(path, { what: 'reopen', note: field('note'), seen: field('seen') });
    expect([undone.status, undone.location]).toEqual([303, path]);
    expect((await reviewNow(database.db, one.reviewId)).status).toBe('open');
  });

  test('one that an audit closed, or whose entity has another open one, offers no reopening and says why', async () => {
    const gone = await opened([dark]);
    await audit(database.db, gone, clean);
    const { body } = await visitor.get(`/reviews/${gone.reviewId}`);
    expect(body).not.toContain('value="reopen"');
    expect(textOf(body)).toContain(`It can’t be reopened: review ${gone.reviewId} closed automatically`);
    expect(textOf(body)).toContain('Audit again now');

    const other = await opened([stray(1)]);
    await resolveReview(database.db, { reviewId: other.reviewId, actor: 'ada', note: 'seen to' });
    await audit(database.db, other, review(dark));
    const page = textOf((await visitor.get(`/reviews/${other.reviewId}`)).body);
    expect(page).toMatch(/It can’t be reopened: review \d+ of the same entity is open/);
  });

  test('leads to the other reviews of its entity, also to one that is handed over', async () => {
    const entity = await opened([stray(1)]);
    await resolveReview(database.db, { reviewId: entity.reviewId, actor: 'ada', note: 'seen to' });
    await audit(database.db, entity, review(dark));
    const open = await openReviewOf(database.db, entity.id);
    await handOver(database.db, entity.id);
    const others = async (id: number) =>
      /<h2 id="others">.*?<\/ul>/s.exec((await visitor.get(`/reviews/${id}`)).body)?.[0] ?? '';
    expect(await others(entity.reviewId)).toContain(`href="/reviews/${open}"`);
    expect(await others(open)).toContain(`href="/reviews/${entity.reviewId}"`);
    expect(await others(open)).not.toContain(`href="/reviews/${open}"`);
  });

  test('reopened, it waits for a person again', async () => {
    const entity = await opened([dark]);
    await resolveReview(database.db, { reviewId: entity.reviewId, actor: 'ada', note: 'seen to' });
    const path = `/reviews/${entity.reviewId}`;
    await visitor.post(path, { what: 'reopen', note: 'too early', seen: await seenOn(path) });
    expect(await reviewNow(database.db, entity.reviewId)).toEqual({ status: 'open', notes: null, by: null });
    expect(await statusOf(database.db, entity)).toBe('manual_review');
  });

  test('without a note nothing is done', async () => {
    const { reviewId } = await opened([dark]);
    const path = `/reviews/${reviewId}`;
    const { status, body } = await visitor.post(path, { what: 'resolve', note: '  ', seen: await seenOn(path) });
    expect(status).toBe(400);
    expect(body).toContain('note takes a text');
    expect((await reviewNow(database.db, reviewId)).status).toBe('open');
  });

  test('a double click, and a page that shows other reasons than stand now, are refused and change nothing', async () => {
    const entity = await opened([dark]);
    const path = `/reviews/${entity.reviewId}`;
    const seen = await seenOn(path);
    await audit(database.db, entity, review(dark, stray(1)));
    const fields = { what: 'resolve', note: 'seen to', seen };
    const stale = await visitor.post(path, fields);
    expect(stale.status).toBe(409);
    expect(stale.body).toContain('Nothing was changed');
    const now = { ...fields, seen: await seenOn(path) };
    expect((await visitor.post(path, now)).status).toBe(303);
    expect((await visitor.post(path, now)).status).toBe(409);
  });

  test.each(['/reviews/12345', '/reviews/9999999999999999'])('%s is 404', async (path) => {
    expect((await visitor.get(path)).status).toBe(404);
  });
});
