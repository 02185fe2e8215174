import {
  chooseEntities,
  excludeInBulk,
  includeInBulk,
  prioritiseInBulk,
  recheckInBulk,
} from '../entities/bulk-entities.ts';
import { queueIndex, readQueuedIndexes } from '../queue/queue-event.ts';
import { entityTargets, readStandIns } from '../operators/by-list.ts';
import type { EntityKey } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';
import { requeueInBulk } from '../queue/bulk-requeue.ts';
import { dismissInBulk } from '../queue/dismiss-events.ts';
import { handOverInBulk, takeBackInBulk, undoOnReviews } from '../reviews/bulk-hand-over.ts';
import { undoOnSettings } from '../pace/undo-settings.ts';
import { undoOnEntities } from '../entities/undo-entities.ts';
import { undoOnEvents } from '../queue/undo-events.ts';
import { recheckReviewsInBulk, reopenInBulk, resolveInBulk, wontFixInBulk } from '../reviews/bulk-reviews.ts';
import { withdrawInBulk } from '../attempts/withdraw-events.ts';
import type { BulkKind, RowOutcome } from '../operators/bulk-kind.ts';

/** Queues an `index` of entities, audit entities or not, where none is queued. */
const indexInBulk: BulkKind = {
  choose: chooseEntities,
  rowsOf: entityTargets,
  async carryOut(tx, { rows, actionId, dryRun }) {
    const targets = rows.map(({ target }) => target);
    const keys = new Map([...(await readStandIns(tx, actionId, targets)), ...(await readKeys(tx, targets))]);
    const queued = await readQueuedIndexes(tx, [...keys.values()]);
    const outcomes: RowOutcome[] = [];
    // In the order of their messages, as whoever writes the queue does.
    const order = (target: number): string => keys.get(target)?.gid ?? '';
    for (const target of targets.toSorted((one, other) => (order(one) < order(other) ? -1 : 1))) {
      outcomes.push(await indexOne(target, keys.get(target)));
    }
    return outcomes;

    async function indexOne(target: number, key: EntityKey | undefined): Promise<RowOutcome> {
      if (key === undefined) return { target, outcome: 'refused', reason: `there is no entity ${target}` };
      const known = queued.get(key.gid);
      if (known !== undefined) return { target, outcome: 'skipped', reason: `event ${known} is queued already` };
      if (dryRun) return { target, outcome: 'done' };
      const { id, isNew } = await queueIndex(tx, key);
      if (!isNew) return { target, outcome: 'skipped', reason: `event ${id} is queued already` };
      return { target, outcome: 'done', reason: `event ${id}`, before: { event: id } };
    }
  },
};

async function readKeys(q: Queryable, targets: readonly number[]): Promise<ReadonlyMap<number, EntityKey>> {
  const { rows } = await q.query<EntityKey & { readonly id: number }>(
    `select id, entity_type::text as "entityType", gid::text from artwork_reconciler.audit_entity
     where id = any ($1::bigint[])`,
    [targets],
  );
  return new Map(rows.map(({ id, entityType, gid }) => [id, { entityType, gid }]));
}

/**
 * All that can be done to many rows at once, by the names that records have: what is done, and to what. One that was
 * released keeps its name.
 */
export const bulkKinds = {
  requeue_events: requeueInBulk,
  dismiss_events: dismissInBulk,
  withdraw_events: withdrawInBulk,
  resolve_reviews: resolveInBulk,
  wont_fix_reviews: wontFixInBulk,
  reopen_reviews: reopenInBulk,
  hand_over_reviews: handOverInBulk,
  take_back_reviews: takeBackInBulk,
  recheck_reviews: recheckReviewsInBulk,
  undo_events: undoOnEvents,
  undo_reviews: undoOnReviews,
  undo_entities: undoOnEntities,
  undo_settings: undoOnSettings,
  recheck_entities: recheckInBulk,
  prioritise_entities: prioritiseInBulk,
  exclude_entities: excludeInBulk,
  include_entities: includeInBulk,
  index_entities: indexInBulk,
} as const satisfies Readonly<Record<string, BulkKind>>;

export type BulkKindName = keyof typeof bulkKinds;
