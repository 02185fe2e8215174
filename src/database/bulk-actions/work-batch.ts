import type { Transaction } from '../connection.ts';
import type { BatchRow, BulkFate, BulkKind } from './bulk-kind.ts';
import type { ActionInHand } from './step.ts';

/**
 * Decides the next rows of an action, and does them unless it is still the dry run; what the dry run refused stays
 * refused, whatever has changed since: nobody was shown that it would be done.
 *
 * @returns whether there were any
 */
export async function workBatch(
  tx: Transaction,
  action: ActionInHand,
  kind: BulkKind,
  limit: number,
): Promise<boolean> {
  const dryRun = action.state === 'planning';
  const rows = await readBatch(tx, { action, kind, dryRun, limit });
  if (rows.length === 0) return false;
  const refused = rows.filter(({ planned }) => planned === 'refused');
  const batch = rows.filter((row): row is PendingRow & BatchRow => row.planned !== 'refused');
  const by = { actor: action.actor ?? action.planned_by, note: action.note };
  const fates = [
    ...refused.map(({ target, plannedReason }): BulkFate => ({
      target,
      outcome: 'refused',
      ...(plannedReason !== null && { reason: plannedReason }),
    })),
    ...(batch.length === 0 ? [] : await kind.carryOut(tx, { actionId: action.id, rows: batch, dryRun, by })),
  ];
  await (dryRun ? writePlan(tx, action.id, fates) : writeOutcome(tx, action.id, fates));
  return true;
}

interface PendingRow {
  readonly target: number;
  readonly version: string | null;
  readonly planned: 'done' | 'refused' | 'skipped' | null;
  readonly plannedReason: string | null;
}

async function readBatch(
  tx: Transaction,
  {
    action,
    kind,
    dryRun,
    limit,
  }: { readonly action: ActionInHand; readonly kind: BulkKind; readonly dryRun: boolean; readonly limit: number },
): Promise<PendingRow[]> {
  const pending = dryRun ? 'planned is null' : 'outcome is null';
  const columns = `target, version, planned, planned_reason as "plannedReason"`;
  const { rows: next } = await tx.query<PendingRow>(
    `select ${columns} from artwork_reconciler.bulk_action_row
     where bulk_action = $1 and ${pending} order by place, target limit $2`,
    [action.id, limit],
  );
  if (kind.together === undefined || next.length === 0) return next;
  const targets = next.map(({ target }) => target);
  const more = await kind.together(tx, { actionId: action.id, targets, dryRun });
  if (more.length === 0) return next;
  const { rows } = await tx.query<PendingRow>(
    `select ${columns} from artwork_reconciler.bulk_action_row
     where bulk_action = $1 and ${pending} and target = any ($2::bigint[]) order by place, target`,
    [action.id, [...targets, ...more]],
  );
  return rows;
}

async function writePlan(tx: Transaction, id: string, fates: readonly BulkFate[]): Promise<void> {
  await tx.query(
    `with fate as (select * from unnest($2::bigint[], $3::text[], $4::text[]) as fate (target, outcome, reason)),
     written as (
       update artwork_reconciler.bulk_action_row written set planned = fate.outcome, planned_reason = fate.reason
       from fate where written.bulk_action = $1 and written.target = fate.target and written.planned is null
       returning written.planned
     )
     update artwork_reconciler.bulk_action
     set planned_done = planned_done + (select count(*) from written where planned = 'done'),
       planned_skipped = planned_skipped + (select count(*) from written where planned = 'skipped'),
       planned_refused = planned_refused + (select count(*) from written where planned = 'refused')
     where id = $1`,
    columnsOf(id, fates),
  );
}

async function writeOutcome(tx: Transaction, id: string, fates: readonly BulkFate[]): Promise<void> {
  await tx.query(
    `with written as (
       insert into artwork_reconciler.bulk_action_row as former (bulk_action, target, place, along, outcome, reason, before)
       select $1, target, now(), true, outcome, reason, before
       from unnest($2::bigint[], $3::text[], $4::text[], $5::jsonb[]) as fate (target, outcome, reason, before)
       -- What is no row of the action yet is only named with its result.
       on conflict (bulk_action, target)
         do update set outcome = excluded.outcome, reason = excluded.reason, before = excluded.before
         where former.outcome is null
       returning outcome
     )
     update artwork_reconciler.bulk_action
     set done = done + (select count(*) from written where outcome = 'done'),
       skipped = skipped + (select count(*) from written where outcome = 'skipped'),
       refused = refused + (select count(*) from written where outcome = 'refused')
     where id = $1`,
    [...columnsOf(id, fates), fates.map(({ before }) => (before === undefined ? null : JSON.stringify(before)))],
  );
}

function columnsOf(id: string, fates: readonly BulkFate[]): unknown[] {
  return [
    id,
    fates.map(({ target }) => target),
    fates.map(({ outcome }) => outcome),
    fates.map(({ reason }) => reason ?? null),
  ];
}
