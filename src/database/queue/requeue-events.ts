import type { Operator } from '../operators/recorded.ts';
import type { Database, Transaction } from '../connection.ts';
import { transactionWithRetry } from '../locks.ts';
import { recordAction, targetOf, refusalReasons } from './bulk-events.ts';
import {
  changedSincePage,
  type EventNode,
  planRequeue,
  readCandidates,
  readDependents,
  readNodes,
  replaceParents,
  type RequeuePlan,
  versionOfDecision,
} from './plan-requeue.ts';

export interface RequeueResult extends RequeuePlan {
  /** Those of the requeued that were not asked for: they had failed because of one that was. */
  readonly along: readonly number[];
}

/**
 * Queues failed events again: `attempts` 0, in their old places, their history kept; what had failed because of them
 * goes along. A duplicate of a queued event is skipped and named, and what depended on it depends on its queued twin
 * instead; one with a parent that stays failed is refused and named. Undoes a dismissal.
 *
 * Strategy: the failed rows are locked in the order of their ids, the plan is made in memory, and all of it is one
 * transaction, repeated if a trigger queued a twin meanwhile.
 *
 * @param ids which events; only failed ones are touched, dismissed ones too, and queued ones that have no attempts left.
 * Many of them are a bulk action's (`requeueInBulk`).
 * @param options.dryRun says what would be done, and does nothing
 * @param options.seen what `versionOfDecision` said of the one event that is asked for, when a person saw it: where it
 * says something else now, nothing is done
 */
export async function requeueEvents(
  db: Database,
  ids: readonly number[],
  by: Operator,
  options: { readonly dryRun?: boolean; readonly seen?: string } = {},
): Promise<RequeueResult> {
  return transactionWithRetry(db, async (tx) => {
    const candidates = await readCandidates(tx, ids);
    const [only] = ids;
    if (options.seen !== undefined && only !== undefined && (await versionOfDecision(tx, only)) !== options.seen) {
      return { requeued: [], skipped: [], refused: [{ id: only, reason: changedSincePage }], along: [] };
    }
    const twins = candidates.flatMap(({ twin }) => twin ?? []);
    const nodes = await readNodes(tx, [...candidates.map(({ id }) => id), ...twins]);
    const plan = planRequeue(candidates, nodes);
    if (options.dryRun !== true && plan.requeued.length + plan.skipped.length > 0) {
      await carryOutRequeue(tx, plan, nodes);
      await recordAction(tx, by, { action: 'requeue events', target: targetOf(plan.requeued), after: plan });
    }
    const known = new Set(candidates.map(({ id }) => id));
    const others = await refusalReasons(
      tx,
      ids.filter((id) => !known.has(id)),
    );
    const asked = new Set(candidates.filter((candidate) => candidate.asked).map(({ id }) => id));
    return {
      ...plan,
      refused: [...plan.refused, ...others],
      along: plan.requeued.filter((id) => !asked.has(id)),
    };
  });
}

/**
 * Does what a plan says, whose candidates are locked.
 *
 * @returns the ids of events that only got other parents, because theirs were skipped
 */
export async function carryOutRequeue(
  tx: Transaction,
  plan: RequeuePlan,
  nodes: ReadonlyMap<number, EventNode>,
): Promise<number[]> {
  const dependents = await replaceSkipped(tx, plan, nodes);
  await requeue(tx, plan.requeued);
  return dependents;
}

async function replaceSkipped(
  tx: Transaction,
  plan: RequeuePlan,
  nodes: ReadonlyMap<number, EventNode>,
): Promise<number[]> {
  if (plan.skipped.length === 0) return [];
  const twins = new Map(plan.skipped.map(({ id, twin }) => [id, twin]));
  const dependents = await readDependents(tx, [...twins.keys()]);
  for (const dependent of dependents) {
    await tx.query(`update artwork_indexer.event_queue set depends_on = nullif($2::bigint[], '{}') where id = $1`, [
      dependent.id,
      replaceParents(dependent, twins, nodes),
    ]);
  }
  return dependents.map(({ id }) => id);
}

async function requeue(tx: Transaction, ids: readonly number[]): Promise<void> {
  await tx.query(
    `with waited as (delete from artwork_reconciler.event_not_before where event = any ($1::bigint[])),
     dismissed as (delete from artwork_reconciler.event_dismissal where event = any ($1::bigint[])),
     -- An audit's event stays an audit's: what was true of it when it was decided may not be any more.
     marked as (
       insert into artwork_reconciler.event_origin (event, origin) select id, 'requeued' from unnest($1::bigint[]) as id
       on conflict (event) do nothing
     )
     update artwork_indexer.event_queue set state = 'queued', attempts = 0, last_updated = now()
     where id = any ($1::bigint[])`,
    [ids],
  );
}
