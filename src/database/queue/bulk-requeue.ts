import { type BatchRow, type BulkBatch, type RowOutcome, type BulkKind, changed } from '../operators/bulk-kind.ts';
import type { Transaction } from '../connection.ts';
import { chooseEvents, refuseOthers, rowsOf } from './bulk-events.ts';
import { eventVersion } from './event-sql.ts';
import {
  type EventNode,
  lockCandidates,
  planRequeue,
  readFailedDependents,
  readNodes,
  type RequeueCandidate,
  sameWork,
  stuck,
} from './plan-requeue.ts';
import { carryOutRequeue } from './requeue-events.ts';

/**
 * `requeueEvents`, batch by batch: with the same rules, as if all were one. The failed dependents of what was chosen are
 * rows too; parents come in the batch of what depends on them, if not before; and what an earlier batch queued is a
 * twin, also where it has run since.
 */
export const requeueInBulk: BulkKind = {
  async choose(tx, filter, page) {
    const { rows, next } = await chooseEvents(tx, filter, page, ['failed', 'queued']);
    const asked = await readWork(tx, rows);
    const stuckIds = [...asked].filter(([, { isStuck }]) => isStuck).map(([id]) => id);
    const ids = new Set(rows.map(({ target }) => target));
    const along = (await readFailedDependents(tx, stuckIds)).filter((id) => !ids.has(id));
    const alongRows = await rowsOf(tx, along, true);
    const works = new Map([...asked, ...(await readWork(tx, alongRows))]);
    return {
      rows: [...rows, ...alongRows].map((row) => {
        const work = works.get(row.target);
        return work === undefined ? row : { ...row, sameAs: work.kind };
      }),
      next,
    };
  },

  async together(tx, { actionId, targets, dryRun }) {
    const { rows } = await tx.query<{ id: number }>(
      `with recursive parent as (
         select id from unnest($2::bigint[]) as id
         union
         select unnest(e.depends_on) from parent join artwork_indexer.event_queue e on e.id = parent.id
         where e.state = 'failed'
       )
       select pending.target as id
       from parent join artwork_reconciler.bulk_action_row pending
         on pending.bulk_action = $1 and pending.target = parent.id and pending.${dryRun ? 'planned' : 'outcome'} is null
       where parent.id <> all ($2::bigint[])`,
      [actionId, targets],
    );
    return rows.map(({ id }) => id);
  },

  async carryOut(tx, batch) {
    const byTarget = new Map(batch.rows.map((row) => [row.target, row]));
    const candidates = (await lockCandidates(tx, [...byTarget.keys()])).map((candidate) =>
      asPlanned(candidate, byTarget.get(candidate.id)!),
    );
    const before = await doneBefore(tx, batch, candidates);
    const twins = [...candidates.flatMap(({ twin }) => twin ?? []), ...before.values()];
    const nodes = await settled(tx, batch, await readNodes(tx, [...candidates.map(({ id }) => id), ...twins]));
    const plan = planRequeue(candidates, nodes, before);
    if (!batch.dryRun) await keepVersions(tx, batch, await carryOutRequeue(tx, plan, nodes));
    const outcomes: RowOutcome[] = [
      ...plan.requeued.map((target) => ({ target, outcome: 'done' as const })),
      ...plan.skipped.map(({ id, twin }) => ({
        target: id,
        outcome: 'skipped' as const,
        reason: `event ${twin} is the same, and queued`,
      })),
      ...plan.refused.map(({ id, reason }) => ({ target: id, outcome: 'refused' as const, reason })),
    ];
    return [
      ...outcomes,
      ...(await refuseOthers(tx, batch.rows, new Set(outcomes.map(({ target }) => target)))),
      ...(batch.dryRun ? [] : await nameNewDependents(tx, batch, plan.requeued)),
    ];
  },
};

/** A candidate with what the dry run and the time since make of it. */
function asPlanned(
  candidate: RequeueCandidate & { readonly version: string },
  { version, planned }: BatchRow,
): RequeueCandidate {
  const obstacle = candidate.obstacle ?? (candidate.version === version ? null : changed);
  return { ...candidate, obstacle, onlySkip: planned === 'skipped' };
}

async function readWork(
  tx: Transaction,
  rows: readonly { readonly target: number }[],
): Promise<ReadonlyMap<number, { readonly kind: string; readonly isStuck: boolean }>> {
  const { rows: found } = await tx.query<{ id: number; kind: string; isStuck: boolean }>(
    `select e.id, ${sameWork} as kind, ${stuck} as "isStuck"
     from artwork_indexer.event_queue e where e.id = any ($1::bigint[])`,
    [rows.map(({ target }) => target)],
  );
  return new Map(found.map(({ id, ...work }) => [id, work]));
}

/** By kind, what earlier batches have queued, or would have. */
async function doneBefore(
  tx: Transaction,
  { actionId, dryRun }: BulkBatch,
  candidates: readonly RequeueCandidate[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await tx.query<{ kind: string; id: number }>(
    `select same_as as kind, min(target) as id from artwork_reconciler.bulk_action_row
     where bulk_action = $1 and same_as = any ($2::text[]) and ${dryRun ? 'planned' : 'outcome'} = 'done'
     group by same_as`,
    [actionId, candidates.map(({ kind }) => kind)],
  );
  return new Map(rows.map(({ kind, id }) => [kind, id]));
}

/** In a dry run, what earlier batches would have queued, or replaced by a twin, is failed only in the database. */
async function settled(
  tx: Transaction,
  { actionId, dryRun }: BulkBatch,
  nodes: ReadonlyMap<number, EventNode>,
): Promise<ReadonlyMap<number, EventNode>> {
  const failed = [...nodes].filter(([, { state }]) => state === 'failed').map(([id]) => id);
  if (!dryRun || failed.length === 0) return nodes;
  const { rows } = await tx.query<{ id: number }>(
    `select target as id from artwork_reconciler.bulk_action_row
     where bulk_action = $1 and target = any ($2::bigint[]) and planned in ('done', 'skipped')`,
    [actionId, failed],
  );
  const overlaid = new Map(nodes);
  for (const { id } of rows) overlaid.set(id, { ...nodes.get(id)!, state: 'queued' });
  return overlaid;
}

/** A row that got other parents by this very action is still the one that was chosen. */
async function keepVersions(tx: Transaction, { actionId }: BulkBatch, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `update artwork_reconciler.bulk_action_row kept set version = ${eventVersion}
     from artwork_indexer.event_queue e
     where kept.bulk_action = $1 and kept.target = e.id and e.id = any ($2::bigint[]) and kept.outcome is null`,
    [actionId, ids],
  );
}

/** What failed because of these since they were chosen: left as it is, and named. */
async function nameNewDependents(
  tx: Transaction,
  { actionId }: BulkBatch,
  requeued: readonly number[],
): Promise<RowOutcome[]> {
  const along = await readFailedDependents(tx, requeued);
  if (along.length === 0) return [];
  const { rows } = await tx.query<{ id: number }>(
    `select id from unnest($2::bigint[]) as id
     where not exists (
       select from artwork_reconciler.bulk_action_row known where known.bulk_action = $1 and known.target = id
     )`,
    [actionId, along],
  );
  return rows.map(({ id }) => ({
    target: id,
    outcome: 'refused',
    reason: 'it failed with what it depends on after the dry run, and was not a part of that',
  }));
}
