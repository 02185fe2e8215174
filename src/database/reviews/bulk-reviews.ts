import sql from 'sql-template-tag';
import type { EntityKey } from '../../domain/entity.ts';
import {
  askedEntities,
  type BulkKind,
  changed,
  type ChoicePage,
  chooseIds,
  type ChosenRow,
  type ListedTarget,
  type RowOutcome,
} from '../operators/bulk-kind.ts';
import { actionToUndo, type RecordedAction, rowsOfRecord, type UndoFilter } from '../operators/recorded.ts';
import type { Queryable, Transaction } from '../connection.ts';
import { prioritiseInBulk } from '../entities/bulk-entities.ts';
import {
  closeReview,
  reopenReviewIn,
  type ReviewAnswer,
  type ReviewOptions,
  type ReviewWord,
} from '../entities/close-review.ts';
import { reviewList } from './list-reviews.ts';
import type { ReviewFilter } from './review-fields.ts';

type Act = (tx: Transaction, word: ReviewWord, options: ReviewOptions) => Promise<ReviewAnswer>;

/** `resolveReview`, `wontFixReview` and `reopenReview`, batch by batch; one that has changed since is left alone. */
export const resolveInBulk: BulkKind = {
  ...reviewsInBulk((tx, word, options) => closeReview(tx, word, 'resolved', options)),
  rowsOf: openReviewsOf,
};
export const wontFixInBulk: BulkKind = {
  ...reviewsInBulk((tx, word, options) => closeReview(tx, word, 'wont_fix', options)),
  rowsOf: openReviewsOf,
};
/**
 * Has the entities of open reviews audited again, before others: a review of which nothing is found any more is resolved by
 * that audit, the others stay open. For a list that comes back from whom it was handed over to.
 */
export const recheckReviewsInBulk: BulkKind = {
  choose: chooseReviews,
  rowsOf: openReviewsOf,
  async carryOut(tx, batch) {
    const { rows: open } = await tx.query<{ id: number; entity: number }>(
      `select id, audit_entity_id as entity from artwork_reconciler.needs_manual_review
       where id = any ($1::bigint[]) and status = 'open'`,
      [batch.rows.map(({ target }) => target)],
    );
    const entityOf = new Map(open.map(({ id, entity }) => [id, entity]));
    const rows = batch.rows.flatMap(({ target, planned }) => {
      const entity = entityOf.get(target);
      return entity === undefined ? [] : [{ target: entity, version: null, planned }];
    });
    const outcomes = await prioritiseInBulk.carryOut(tx, { ...batch, rows });
    const ofEntity = new Map(outcomes.map((outcome) => [outcome.target, outcome]));
    return batch.rows.map(({ target }): RowOutcome => {
      const outcome = ofEntity.get(entityOf.get(target) ?? 0);
      return outcome === undefined ? { target, outcome: 'refused', reason: 'it is not open' } : { ...outcome, target };
    });
  },
};
/** Of an entity's closed reviews, a list wouldn't say which is meant. */
export const reopenInBulk = reviewsInBulk(reopenReviewIn);

function reviewsInBulk(act: Act): BulkKind {
  return {
    choose: chooseReviews,
    async carryOut(tx, { rows, dryRun, by }) {
      const outcomes: RowOutcome[] = [];
      for (const { target, version } of rows) outcomes.push(await carryOutOne(target, version));
      return outcomes;

      async function carryOutOne(target: number, version: string | null): Promise<RowOutcome> {
        // The entity is locked before its review, as audits do; what is changed meanwhile is seen after that only.
        const word = { reviewId: target, actor: by.actor, note: by.note ?? '' };
        const known = await act(tx, word, { dryRun: true });
        if (known.kind === 'refused') return { target, outcome: 'refused', reason: known.reason };
        const before = await readVersion(tx, target);
        // What a list names has no version: the review that is open is meant, whatever it says by now.
        if (before === undefined || (version !== null && before.version !== version))
          return { target, outcome: 'refused', reason: changed };
        if (dryRun) return { target, outcome: 'done' };
        const answer = await act(tx, word, { isRecorded: true });
        if (answer.kind === 'refused') return { target, outcome: 'refused', reason: answer.reason };
        return { target, outcome: 'done', before: before.state };
      }
    },
  };
}

/** The open review of each entity. */
export async function openReviewsOf(q: Queryable, keys: readonly EntityKey[]): Promise<readonly ListedTarget[]> {
  const { rows } = await q.query<{ id: number | null }>(
    sql`select review.id
     from ${askedEntities(keys)}
     left join artwork_reconciler.needs_manual_review review
       on review.audit_entity_id = entity.id and review.status = 'open'
     order by asked.place`,
  );
  return rows.map(({ id }) => (id === null ? { refused: 'it has no open review' } : { target: id }));
}

/** Chosen in the order in which they were opened, page by page; ids that there are not come last. */
export async function chooseReviews(
  tx: Transaction,
  selection: unknown,
  page: ChoicePage,
): Promise<{ readonly rows: readonly ChosenRow[]; readonly next: unknown }> {
  const { ids, next } = await chooseIds(tx, reviewList, selection as ReviewFilter, page);
  return { rows: await reviewRows(tx, ids), next };
}

/** Reviews as rows of a bulk action. */
async function reviewRows(tx: Transaction, ids: readonly number[]): Promise<ChosenRow[]> {
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

/** Undoes the closing of reviews by one recorded action, as far as nothing else has happened to them since. */
export const undoClosing: BulkKind = {
  async choose(tx, filter, page) {
    const { ids, next } = await rowsOfRecord(tx, (filter as UndoFilter).action, page);
    return { rows: await reviewRows(tx, ids), next };
  },

  async carryOut(tx, { filter, rows, dryRun, by }) {
    const action = await actionToUndo(tx, filter);
    const outcomes: RowOutcome[] = [];
    for (const { target, version } of rows) {
      const word = { reviewId: target, actor: by.actor, note: by.note ?? '' };
      // The entity is locked before its review, as audits do; what is changed meanwhile is seen after that only.
      const answer = await reopenReviewIn(tx, word, { dryRun: true });
      const reason =
        answer.kind === 'refused' ? answer.reason : await whyNot(tx, action, { reviewId: target, version });
      if (reason !== null) outcomes.push({ target, outcome: 'refused', reason });
      else {
        if (!dryRun) await reopenReviewIn(tx, word, { isRecorded: true });
        outcomes.push({ target, outcome: 'done' });
      }
    }
    return outcomes;
  },
};

interface ClosedReview {
  readonly version: string;
  readonly resolvedBy: string | null;
  readonly isOurs: boolean;
  /** An audit since then that found nothing. */
  readonly cleanSince: boolean;
}

/** What has happened to a closed review since, in words; null where nothing has. */
async function whyNot(
  tx: Transaction,
  { from, until, actor }: RecordedAction,
  { reviewId, version }: { readonly reviewId: number; readonly version: string | null },
): Promise<string | null> {
  const { rows } = await tx.query<ClosedReview>(
    `select review.updated_at::text as version, review.resolved_by as "resolvedBy",
       review.resolved_by = $2 and review.resolved_at between $3 and $4::timestamptz + interval '1 ms' as "isOurs",
       entity.status in ('clean', 'legacy') and entity.last_audit_at > review.resolved_at as "cleanSince"
     from artwork_reconciler.needs_manual_review review
     join artwork_reconciler.audit_entity entity on entity.id = review.audit_entity_id
     where review.id = $1`,
    [reviewId, actor, from, until],
  );
  const [review] = rows;
  if (review?.version !== version) return changed;
  if (!review.isOurs) return `it was reopened, and closed again by ${review.resolvedBy ?? 'an audit'}`;
  return review.cleanSince ? 'an audit has found nothing more since' : null;
}
