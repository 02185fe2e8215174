import type { Queryable } from '../connection.ts';

/** What people have said, or are yet to say, about an entity. */
export interface PeoplesWord {
  /** The evidence of its findings that shall stay, sorted by JavaScript's order of strings. */
  readonly wontFixEvidence: readonly string[];
  readonly hasOpenReview: boolean;
}

/** Reads it. Under the entity's row lock it stays as it is until the transaction ends. */
export async function readPeoplesWord(q: Queryable, entityId: number): Promise<PeoplesWord> {
  const { rows } = await q.query<PeoplesWord>(
    `select array(select evidence from artwork_reconciler.wont_fix_evidence where audit_entity_id = $1)
              as "wontFixEvidence",
            exists (select from artwork_reconciler.needs_manual_review
                    where audit_entity_id = $1 and status = 'open') as "hasOpenReview"`,
    [entityId],
  );
  const { wontFixEvidence = [], hasOpenReview = false } = rows[0] ?? {};
  return { wontFixEvidence: [...wontFixEvidence].sort(), hasOpenReview };
}
