import { type BulkFate, type BulkKind, changed, type ChosenRow } from '../bulk-actions/index.ts';
import type { Transaction } from '../connection.ts';
import { pageReviews, type ReviewListFilter } from '../review-queries/index.ts';
import { closeReview } from './close-review.ts';
import type { ReviewAnswer, ReviewOptions, ReviewWord } from './person-review.ts';
import { reopenReviewIn } from './reopen-review.ts';

type Act = (tx: Transaction, word: ReviewWord, options: ReviewOptions) => Promise<ReviewAnswer>;

/** `resolveReview`, `wontFixReview` and `reopenReview`, batch by batch; one that has changed since is left alone. */
export const resolveInBulk = reviewsInBulk((tx, word, options) => closeReview(tx, word, 'resolved', options));
export const wontFixInBulk = reviewsInBulk((tx, word, options) => closeReview(tx, word, 'wont_fix', options));
export const reopenInBulk = reviewsInBulk(reopenReviewIn);

function reviewsInBulk(act: Act): BulkKind {
  return {
    choose: chooseReviews,
    async carryOut(tx, { rows, dryRun, by }) {
      const fates: BulkFate[] = [];
      for (const { target, version } of rows) fates.push(await carryOutOne(target, version));
      return fates;

      async function carryOutOne(target: number, version: string | null): Promise<BulkFate> {
        // The entity is locked before its review, as audits do; what is changed meanwhile is seen after that only.
        const word = { reviewId: target, actor: by.actor, note: by.note ?? '' };
        const known = await act(tx, word, { dryRun: true });
        if (known.kind === 'refused') return { target, outcome: 'refused', reason: known.reason };
        const before = await readVersion(tx, target);
        if (before?.version !== version) return { target, outcome: 'refused', reason: changed };
        if (dryRun) return { target, outcome: 'done' };
        const answer = await act(tx, word, { isRecorded: true });
        if (answer.kind === 'refused') return { target, outcome: 'refused', reason: answer.reason };
        return { target, outcome: 'done', before: before.state };
      }
    },
  };
}

/** Chosen in the order in which they were opened, page by page; ids that there are not come last. */
async function chooseReviews(
  tx: Transaction,
  selection: unknown,
  { after, limit }: { readonly after: unknown; readonly limit: number },
): Promise<{ readonly rows: readonly ChosenRow[]; readonly next: unknown }> {
  const filter = selection as ReviewListFilter;
  if (filter.ids !== undefined) {
    const from = typeof after === 'number' ? after : -1;
    const ids = [...new Set(filter.ids)].filter((id) => id > from).sort((one, other) => one - other);
    const page = ids.slice(0, limit);
    return { rows: await rowsOf(tx, page), next: ids.length > limit ? page.at(-1) : null };
  }
  const page = await pageReviews(tx, filter, { limit, look: looked, after: typeof after === 'string' ? after : null });
  return {
    rows: await rowsOf(
      tx,
      page.rows.map(({ id }) => id),
    ),
    next: page.next,
  };
}

/** Rows that one step of choosing passes. */
const looked = 10_000;

async function rowsOf(tx: Transaction, ids: readonly number[]): Promise<ChosenRow[]> {
  const { rows } = await tx.query<{ target: number; place: string; version: string | null }>(
    `select asked.id as target, coalesce(review.created_at, now())::text as place, review.updated_at::text as version
     from unnest($1::bigint[]) as asked (id)
     left join artwork_reconciler.needs_manual_review review on review.id = asked.id`,
    [ids],
  );
  return rows.map(({ target, place, version }) => ({ target, place, ...(version !== null && { version }) }));
}

async function readVersion(
  tx: Transaction,
  reviewId: number,
): Promise<{ readonly version: string; readonly state: unknown } | undefined> {
  const { rows } = await tx.query<{ version: string; state: unknown }>(
    `select updated_at::text as version,
            jsonb_build_object('status', status, 'resolution_notes', resolution_notes, 'resolved_by', resolved_by) as state
     from artwork_reconciler.needs_manual_review where id = $1`,
    [reviewId],
  );
  return rows[0];
}
