import type { BulkBatch, BulkKind, ChoicePage, ChosenRow, RowOutcome } from '../operators/bulk-kind.ts';
import { actionToUndo, type RecordedAction } from '../operators/recorded.ts';
import type { Transaction } from '../connection.ts';
import {
  handOver,
  handOverInWords,
  putHandOversBack,
  type HandOver,
  type HandOverOptions,
  readHandOvers,
  takeBack,
} from '../entities/hand-over.ts';
import { chooseReviews, openReviewsOf, undoClosing } from './bulk-reviews.ts';
import type { ReviewFilter } from './review-fields.ts';

/** What chooses the rows, with how they are handed over. */
type HandOverFilter = ReviewFilter & { readonly handOver: HandOverOptions };

/** Takes reviews out of the list of open ones: others see to them. */
export const handOverInBulk: BulkKind = {
  choose: (tx, filter, page) => choose(tx, filter, page),
  rowsOf: openReviewsOf,
  async carryOut(tx, { rows, filter, dryRun, by }) {
    const { handOver: how } = filter as HandOverFilter;
    const reviews = await lockReviews(tx, rows);
    const outcomes = rows.map(({ target }): RowOutcome => {
      const review = reviews.get(target);
      if (review === undefined) return { target, outcome: 'refused', reason: `there is no review ${target}` };
      if (review.status !== 'open') return { target, outcome: 'refused', reason: `it is ${review.status} already` };
      const { handedOver } = review;
      if (handedOver !== null && handedOver.to === how.to && handedOver.ticket === (how.ticket ?? null)) {
        return { target, outcome: 'skipped', reason: `it is ${handOverInWords(handedOver)}` };
      }
      return { target, outcome: 'done', before: stateOf(review) };
    });
    if (!dryRun) {
      const done = outcomes.filter(({ outcome }) => outcome === 'done').map(({ target }) => reviews.get(target)!);
      await handOver(tx, done, how, by);
    }
    return outcomes;
  },
};

/** Takes that back: they are in the list of open ones again. */
export const takeBackInBulk: BulkKind = {
  choose: (tx, filter, page) => choose(tx, { handedOver: 'only', ...(filter as ReviewFilter) }, page),
  rowsOf: openReviewsOf,
  async carryOut(tx, { rows, dryRun }) {
    const reviews = await lockReviews(tx, rows);
    const outcomes = rows.map(({ target }): RowOutcome => {
      const review = reviews.get(target);
      if (review === undefined) return { target, outcome: 'refused', reason: `there is no review ${target}` };
      if (review.handedOver === null) return { target, outcome: 'skipped', reason: 'it is not handed over' };
      return {
        target,
        outcome: 'done',
        reason: `it was ${handOverInWords(review.handedOver)}`,
        before: stateOf(review),
      };
    });
    const done = outcomes
      .filter(({ outcome }) => outcome === 'done')
      .map(({ target }) => reviews.get(target)!.entityId);
    if (!dryRun) await takeBack(tx, done);
    return outcomes;
  },
};

async function choose(
  tx: Transaction,
  selection: unknown,
  page: ChoicePage,
): Promise<{ readonly rows: readonly ChosenRow[]; readonly next: unknown }> {
  const { handOver: _, ...filter } = selection as Partial<HandOverFilter>;
  return chooseReviews(tx, filter, page);
}

interface LockedReview {
  readonly id: number;
  readonly entityId: number;
  readonly status: string;
  readonly checks: readonly string[];
  readonly handedOver: HandOver | null;
}

function stateOf({ entityId, handedOver }: LockedReview): unknown {
  return { entity: entityId, handed_over: handedOver };
}

/** The reviews as they are now; their entities are locked, as whoever changes one does. */
async function lockReviews(
  tx: Transaction,
  rows: readonly { readonly target: number }[],
): Promise<ReadonlyMap<number, LockedReview>> {
  const ids = rows.map(({ target }) => target);
  await tx.query(
    `select from artwork_reconciler.audit_entity
     where id in (select audit_entity_id from artwork_reconciler.needs_manual_review where id = any ($1::bigint[]))
     order by id for update`,
    [ids],
  );
  const { rows: found } = await tx.query<Omit<LockedReview, 'handedOver'>>(
    `select id, audit_entity_id as "entityId", status::text, checks
     from artwork_reconciler.needs_manual_review where id = any ($1::bigint[])`,
    [ids],
  );
  const handedOver = await readHandOvers(
    tx,
    found.map(({ entityId }) => entityId),
  );
  return new Map(
    found.map((review) => [review.id, { ...review, handedOver: handedOver.get(review.entityId) ?? null }]),
  );
}

/** Undoes what one recorded action did to reviews: closed them, handed them over or took them back. */
export const undoOnReviews: BulkKind = {
  choose: (tx, filter, page) => undoClosing.choose(tx, filter, page),
  async carryOut(tx, batch) {
    const action = await actionToUndo(tx, batch.filter);
    const isHandOver = action.kind === 'hand_over_reviews' || action.kind === 'take_back_reviews';
    return isHandOver ? undoHandOvers(tx, action, batch) : undoClosing.carryOut(tx, batch);
  },
};

/** Each is to whom it was before, or to nobody. */
async function undoHandOvers(
  tx: Transaction,
  action: RecordedAction,
  { rows, dryRun }: BulkBatch,
): Promise<readonly RowOutcome[]> {
  const reviews = await lockReviews(tx, rows);
  const former = await readFormer(tx, action, rows);
  const outcomes = rows.map(({ target }): RowOutcome => {
    const review = reviews.get(target);
    const reason =
      review === undefined ? `there is no review ${target}` : whyNotUndone(action, review, former.get(target) ?? null);
    return reason === null ? { target, outcome: 'done' } : { target, outcome: 'refused', reason };
  });
  if (dryRun) return outcomes;
  const done = outcomes.filter(({ outcome }) => outcome === 'done').map(({ target }) => reviews.get(target)!);
  await takeBack(
    tx,
    done.map(({ entityId }) => entityId),
  );
  await putHandOversBack(
    tx,
    done.flatMap(({ id, entityId, checks }) => {
      const handedOver = former.get(id);
      return handedOver ? [{ ...handedOver, entityId, checks }] : [];
    }),
  );
  return outcomes;
}

/** To whom reviews were handed over before an action changed that; not those that were handed over to nobody. */
async function readFormer(
  tx: Transaction,
  { bulkAction }: RecordedAction,
  rows: BulkBatch['rows'],
): Promise<ReadonlyMap<number, HandOver>> {
  const { rows: found } = await tx.query<{ target: number; handedOver: HandOver }>(
    `select target, before->'handed_over' as "handedOver" from artwork_reconciler.bulk_action_row
     where bulk_action = $1 and target = any ($2::bigint[]) and jsonb_typeof(before->'handed_over') = 'object'`,
    [bulkAction, rows.map(({ target }) => target)],
  );
  return new Map(found.map(({ target, handedOver }) => [target, handedOver]));
}

/** What has happened since, in words; null where nothing has. */
function whyNotUndone(
  action: RecordedAction,
  { status, handedOver }: LockedReview,
  former: HandOver | null,
): string | null {
  if (status !== 'open') return `it is ${status} by now`;
  if (action.kind === 'take_back_reviews') {
    if (handedOver !== null) return `it is ${handOverInWords(handedOver)} again`;
    return former !== null && new Date(former.until) <= new Date() ? 'its time would be up by now' : null;
  }
  if (handedOver === null) return 'it is not handed over any more';
  const isOurs = handedOver.by === action.actor && handedOver.at >= action.from && handedOver.at <= action.until;
  return isOurs ? null : `it is ${handOverInWords(handedOver)}, by another action`;
}
