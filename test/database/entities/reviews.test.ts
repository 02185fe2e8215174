import { describe, expect, test } from 'vitest';
import { reopenReview, resolveReview, wontFixReview } from '../../../src/database/entities/close-review.ts';
import { readReview } from '../../../src/database/reviews/reviews.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  addAuditEntity,
  audit,
  begin,
  clean,
  decideAs,
  entityNow,
  finding,
  index,
  repair,
  review,
  statusOf,
} from './support.ts';
import { listReviews } from '../../support/lists.ts';

const { db } = await createTestDatabase();

type Key = Awaited<ReturnType<typeof addAuditEntity>>;
const missing = finding('files.image', 'review');
const dark = finding('item.dark', 'review');
const word = (reviewId: number, note = 'asked the archive') => ({ reviewId, actor: 'aurelia', note });

async function inReview(...findings: (typeof missing)[]): Promise<Key & { readonly reviewId: number }> {
  const key = await addAuditEntity(db);
  await audit(db, key, review(...findings));
  return { ...key, reviewId: await openReviewOf(key) };
}
async function openReviewOf(key: Key): Promise<number> {
  const open = await listReviews(db, { entityId: key.id, status: 'open', limit: 10 });
  expect(open).toHaveLength(1);
  return open[0]!.id;
}
const actions = async (reviewId: number) =>
  (
    await db.query<{ action: string; actor: string; note: string; before: unknown; after: unknown }>(
      `select action, actor, note, before, after from artwork_reconciler.operator_action
       where target = $1 order by id`,
      [`review ${reviewId}`],
    )
  ).rows;

describe('an open review', () => {
  test('has its reasons replaced by the next audit', async () => {
    const key = await inReview(missing);
    await audit(db, key, review(dark));
    expect(await openReviewOf(key)).toBe(key.reviewId);
    expect(await readReview(db, key.reviewId)).toMatchObject({ reasons: [{ check: 'item.dark' }], regressed: false });
  });

  test.each(['clean', 'legacy'] as const)('is resolved as gone by an audit that decides %s', async (decision) => {
    const key = await inReview(missing);
    const { auditId } = await audit(db, key, { ...clean, decision });
    expect(await readReview(db, key.reviewId)).toMatchObject({
      status: 'resolved',
      resolutionNotes: `gone at audit ${auditId}`,
      resolvedBy: null,
    });
  });

  test('is gone, too, where all that is left can be repaired', async () => {
    const key = await inReview(missing);
    await audit(db, key, repair([index(key)]));
    expect(await readReview(db, key.reviewId)).toMatchObject({ status: 'resolved' });
  });

  test('stays where its finding only waits until nothing is left to repair', async () => {
    const leftovers = finding('orphan.leftovers', 'review_last');
    const key = await inReview(leftovers, missing);
    await audit(db, key, repair([index(key)], finding('orphan.index_json', 'deindex'), leftovers));
    expect(await readReview(db, key.reviewId)).toMatchObject({
      status: 'open',
      reasons: [{ check: 'orphan.leftovers' }],
    });
  });
});

describe('a review resolved by a person', () => {
  test('makes the entity due now, and is on record', async () => {
    const key = await inReview(missing);
    expect(await resolveReview(db, word(key.reviewId))).toEqual({
      kind: 'done',
      reviewId: key.reviewId,
      entityId: key.id,
    });
    expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', dueAt: null });
    expect(await readReview(db, key.reviewId)).toMatchObject({
      status: 'resolved',
      resolutionNotes: 'asked the archive',
      resolvedBy: 'aurelia',
    });
    expect(await actions(key.reviewId)).toEqual([
      {
        action: 'resolve review',
        actor: 'aurelia',
        note: 'asked the archive',
        before: expect.objectContaining({ status: 'open', entity_status: 'manual_review' }) as object,
        after: { status: 'resolved', entity_status: 'unchecked' },
      },
    ]);
  });

  test('comes back as regressed with the same finding', async () => {
    const key = await inReview(missing);
    await resolveReview(db, word(key.reviewId));
    await audit(db, key, review(missing, dark));
    const again = await openReviewOf(key);
    expect(again).not.toBe(key.reviewId);
    expect(await readReview(db, again)).toMatchObject({ regressed: true });
  });

  test('does not come back as regressed with another one, nor where only an audit had found it gone', async () => {
    const key = await inReview(missing);
    await resolveReview(db, word(key.reviewId));
    await audit(db, key, review(finding('files.image', 'review', 'another image')));
    expect(await readReview(db, await openReviewOf(key))).toMatchObject({ regressed: false });
    await audit(db, key, clean);
    await audit(db, key, review(finding('files.image', 'review', 'another image')));
    expect(await readReview(db, await openReviewOf(key))).toMatchObject({ regressed: false });
  });

  test('of another entity, or that a person let stand, has no review come back as regressed', async () => {
    const other = await inReview(missing);
    await resolveReview(db, word(other.reviewId));
    const key = await inReview(missing);
    expect(await readReview(db, key.reviewId)).toMatchObject({ regressed: false });
    await wontFixReview(db, word(key.reviewId));
    await audit(db, key, review(missing));
    expect(await readReview(db, await openReviewOf(key))).toMatchObject({ regressed: false });
  });

  test('needs a note, and to be open', async () => {
    const key = await inReview(missing);
    expect(await resolveReview(db, word(key.reviewId, '  '))).toMatchObject({ kind: 'refused' });
    expect(await statusOf(db, key)).toBe('manual_review');
    await resolveReview(db, word(key.reviewId));
    expect(await resolveReview(db, word(key.reviewId))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('resolved already') as string,
    });
    expect(await resolveReview(db, word(999_999))).toMatchObject({ kind: 'refused' });
    expect(await actions(key.reviewId)).toHaveLength(1);
  });

  test('leaves an entity alone that an audit has claimed', async () => {
    const key = await inReview(missing);
    const held = await begin(db, key);
    expect(await resolveReview(db, word(key.reviewId))).toMatchObject({ kind: 'done' });
    expect(await decideAs(db, held, clean)).toMatchObject({ kind: 'decided', status: 'clean' });
  });
});

describe('a review that won’t be fixed', () => {
  test('makes the entity due now; the audit is told the evidence that shall count as report', async () => {
    const key = await inReview(missing, dark);
    expect(await wontFixReview(db, word(key.reviewId))).toMatchObject({ kind: 'done' });
    expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', dueAt: null });
    expect(await readReview(db, key.reviewId)).toMatchObject({ status: 'wont_fix', resolvedBy: 'aurelia' });
    expect(await begin(db, key)).toMatchObject({
      wontFixEvidence: [missing, dark].map(({ parts }) => parts[0].evidence).sort(),
    });
    expect(await actions(key.reviewId)).toMatchObject([{ action: 'wont fix review' }]);
  });

  test('said while an audit was made discards that audit’s decision', async () => {
    const key = await inReview(missing);
    const held = await begin(db, key);
    await wontFixReview(db, word(key.reviewId));
    expect(await begin(db, { ...key, gid: key.gid }).catch((error: Error) => error.message)).toContain('being audited');
    const stale = await decideAs(db, { ...held }, review(missing), { wontFixEvidence: held.wontFixEvidence });
    expect(stale).toMatchObject({ kind: 'stale' });
  });
});

describe('a review reopened', () => {
  test('is a person’s again, and lets nothing stand any more', async () => {
    const key = await inReview(missing);
    await wontFixReview(db, word(key.reviewId));
    expect(await reopenReview(db, word(key.reviewId, ''))).toMatchObject({ kind: 'done' });
    expect(await statusOf(db, key)).toBe('manual_review');
    expect(await readReview(db, key.reviewId)).toMatchObject({
      status: 'open',
      resolvedBy: null,
      resolutionNotes: null,
    });
    expect(await begin(db, key)).toMatchObject({ wontFixEvidence: [] });
    expect((await actions(key.reviewId)).map(({ action }) => action)).toEqual(['wont fix review', 'reopen review']);
  });

  test('has nothing count again that another review has let stand since', async () => {
    const key = await inReview(missing, dark);
    await wontFixReview(db, word(key.reviewId));
    await audit(db, key, review(dark));
    await wontFixReview(db, word(await openReviewOf(key)));
    await reopenReview(db, word(key.reviewId, ''));
    expect(await begin(db, key)).toMatchObject({ wontFixEvidence: [dark.parts[0].evidence] });
  });

  test('is refused where one is open, which is named', async () => {
    const key = await inReview(missing);
    await resolveReview(db, word(key.reviewId));
    await audit(db, key, review(dark));
    const other = await openReviewOf(key);
    expect(await reopenReview(db, word(key.reviewId))).toEqual({
      kind: 'refused',
      reason: expect.stringContaining(`review ${other} `) as string,
    });
    expect(await reopenReview(db, word(other))).toMatchObject({ kind: 'refused' });
  });

  test('takes the entity from an audit', async () => {
    const key = await inReview(missing);
    await resolveReview(db, word(key.reviewId));
    const held = await begin(db, key);
    await reopenReview(db, word(key.reviewId));
    expect(await decideAs(db, held, clean)).toEqual({ kind: 'not_ours' });
    expect(await statusOf(db, key)).toBe('manual_review');
  });
});

describe('the list of reviews', () => {
  test('is filtered by status, check, text and regression, and paged without gaps', async () => {
    const keys = [];
    for (let n = 0; n < 5; n++) keys.push(await inReview(finding('meta.noindex', 'review', `evidence ${n}`)));
    await resolveReview(db, word(keys[0]!.reviewId));
    const filter = { check: 'meta.noindex', status: 'open', limit: 2 } as const;
    const first = await listReviews(db, filter);
    const second = await listReviews(db, { ...filter, afterId: first.at(-1)!.id });
    const third = await listReviews(db, { ...filter, afterId: second.at(-1)!.id });
    expect([...first, ...second, ...third].map(({ id }) => id)).toEqual(keys.slice(1).map(({ reviewId }) => reviewId));
    expect(await listReviews(db, { check: 'meta.noindex', regressed: true, limit: 10 })).toEqual([]);
    expect(await listReviews(db, { text: 'META.NoIndex: index', limit: 10 })).toHaveLength(5);
  });
});
