import { readReview, type Review } from '../../../database/audit-queries/index.ts';
import type { Queryable } from '../../../database/connection.ts';
import type { PageContext } from '../../environment.ts';
import { notFound } from '../../refusals.ts';

/** The review that an address names. @throws {Refusal} 404 */
export async function reviewOf(c: PageContext, q: Queryable): Promise<Review> {
  const id = Number(c.req.param('id'));
  const review = Number.isSafeInteger(id) ? await readReview(q, id) : undefined;
  if (review === undefined) throw notFound(`There is no review ${c.req.param('id')}.`);
  return review;
}
