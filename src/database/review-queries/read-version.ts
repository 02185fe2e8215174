import type { Queryable } from '../connection.ts';

/** When a review last changed, to the microsecond: what tells whether a page shows it as it is. */
export async function readReviewVersion(q: Queryable, reviewId: number): Promise<string | null> {
  const { rows } = await q.query<{ version: string }>(
    `select updated_at::text as version from artwork_reconciler.needs_manual_review where id = $1`,
    [reviewId],
  );
  return rows[0]?.version ?? null;
}
