import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { EntityType } from '../../domain/entity.ts';
import type { Database, Queryable, Transaction } from '../connection.ts';
import { entityTypeLiterals } from '../entity-types.ts';

/**
 * The columns of `audit_entity` that only hold while something lasts, and what they are when it is over. A column of this
 * kind stands here; every step that ends something clears all that goes with it.
 */
const clearedColumns = {
  claim: {
    claim_workflow_id: 'null',
    claim_run_id: 'null',
    claimed_at: 'null',
    claimed_by: 'null',
    claim_batch: 'null',
    claim_expires_at: 'null',
  },
  /** Why it is not due yet; without, it is due now. */
  due: { due_at: 'null', due_cause: 'null' },
  /** The audit whose repairs it waits for. */
  waiting: { repair_audit_id: 'null' },
  discards: { discards: '0', discarded_fingerprint: 'null' },
  returns: { returns: '0', return_reasons: 'null' },
  repairs: { repairs: '0', repaired_checks: 'null' },
} as const;

type Cleared = keyof typeof clearedColumns;

/** Clears these, in the `set` of an update of `audit_entity`. */
export function clear(...what: readonly Cleared[]): string {
  const columns = what.flatMap((each) => Object.entries(clearedColumns[each]));
  return columns.map(([column, value]) => `${column} = ${value}`).join(', ');
}

/** The same, where the condition doesn't hold. */
export function clearUnless(condition: Sql, ...what: readonly Cleared[]): Sql {
  const columns = what.flatMap((each) => Object.entries(clearedColumns[each]));
  return join(
    columns.map(
      ([column, value]) => sql`${raw(column)} = case when ${condition} then ${raw(column)} else ${raw(value)} end`,
    ),
  );
}

interface ClaimedEntity {
  readonly entityId: number;
  readonly entityType: EntityType;
  readonly gid: string;
  /** The id under which its audit is to be started. */
  readonly workflowId: string;
}

/** How many entities are claimed, and of which types; null: of all, in one order. */
export interface ClaimShare {
  readonly count: number;
  readonly entityTypes: readonly EntityType[] | null;
}

/**
 * Claims the next entities whose turn it is, for the pacer, in this order: priority from high to low, then never
 * audited, then audited longest ago, then id. `beginAudit` takes each claim over with its workflow's run.
 *
 * Rows that another transaction has locked are skipped, not waited for: two pacers side by side get different rows.
 * The order is that of the index `audit_entity_claim`, or of one type that of `audit_entity_claim_of_type`, so no more rows
 * are read than are claimed.
 *
 * @param what.batch names the step that claims. Called again with the same name (an activity whose worker died after
 * the commit) it claims nothing, and gives what is left in progress of the first call's rows.
 * @returns in the order of the claim
 */
export async function claimPacedBatch(
  tx: Transaction,
  what: { readonly shares: readonly ClaimShare[]; readonly batch?: string },
): Promise<ClaimedEntity[]> {
  const batch = what.batch ?? null;
  if (batch !== null) {
    const earlier = await claimedAs(tx, batch);
    if (earlier.length > 0) return earlier;
  }
  const claimed: ClaimedEntity[] = [];
  for (const share of what.shares)
    if (share.count > 0 && share.entityTypes?.length !== 0) claimed.push(...(await claimShare(tx, share, batch)));
  return claimed;
}

async function claimShare(
  tx: Transaction,
  { count, entityTypes }: ClaimShare,
  batch: string | null,
): Promise<ClaimedEntity[]> {
  const ofTypes = entityTypes?.map((entityType) => entityTypeLiterals[entityType]).join(', ');
  const { rows } = await tx.query<ClaimedRow>(
    `with next_up as (
       select id, priority, last_audit_at
       from artwork_reconciler.audit_entity
       where status = 'unchecked' and due_at is null ${ofTypes === undefined ? '' : `and entity_type in (${ofTypes})`}
       order by priority desc, last_audit_at nulls first, id
       limit $1
       for update skip locked
     ), claimed as (
       update artwork_reconciler.audit_entity entity
       set status = 'audit_in_progress',
           due_cause = null,
           claim_workflow_id = 'audit-' || entity.entity_type::text || '-' || entity.gid::text,
           claim_run_id = null, claimed_at = now(), claimed_by = 'pacer', claim_batch = $2, claim_expires_at = null,
           ${clear('waiting', 'discards')}
       from next_up
       where entity.id = next_up.id
       returning entity.id, entity.entity_type, entity.gid, entity.claim_workflow_id
     )
     select claimed.id, claimed.entity_type::text as "entityType", claimed.gid::text, claimed.claim_workflow_id as "claimWorkflowId"
     from claimed join next_up using (id)
     order by next_up.priority desc, next_up.last_audit_at nulls first, id`,
    [count, batch],
  );
  return rows.map(toClaimed);
}

interface ClaimedRow {
  readonly id: number;
  readonly entityType: EntityType;
  readonly gid: string;
  readonly claimWorkflowId: string;
}

/** Those of a batch that are claimed and of which no workflow's run has taken the claim over yet. */
export async function readNotBegun(q: Queryable, batch: string): Promise<ClaimedEntity[]> {
  return claimedAs(q, batch, 'and claim_run_id is null');
}

async function claimedAs(q: Queryable, batch: string, only = ''): Promise<ClaimedEntity[]> {
  const { rows } = await q.query<ClaimedRow>(
    `select id, entity_type::text as "entityType", gid::text, claim_workflow_id as "claimWorkflowId"
     from artwork_reconciler.audit_entity
     where status = 'audit_in_progress' and claim_batch = $1 ${only}
     order by priority desc, last_audit_at nulls first, id`,
    [batch],
  );
  return rows.map(toClaimed);
}

function toClaimed(row: ClaimedRow): ClaimedEntity {
  return { entityId: row.id, entityType: row.entityType, gid: row.gid, workflowId: row.claimWorkflowId };
}

/**
 * How long a claim by a shell lasts without being renewed. A shell renews every minute or so: ten missed ones are a
 * shell that is gone, and nobody waits long for its entity. Source: design page life-cycles.md, "Audit entities".
 */
export const shellClaimMinutes = 10;

/**
 * Keeps a shell's claim for another `shellClaimMinutes`.
 *
 * @returns false where the claim is gone: it lapsed and was released, and the shell must not decide any more
 */
export async function renewShellClaim(
  db: Database,
  claim: { readonly entityId: number; readonly runId: string },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update artwork_reconciler.audit_entity
     set claim_expires_at = now() + make_interval(secs => $3)
     where id = $1 and status = 'audit_in_progress' and claim_workflow_id is null and claim_run_id = $2`,
    [claim.entityId, claim.runId, shellClaimMinutes * 60],
  );
  return rowCount === 1;
}

/** An entity claimed by the run that asks. */
export interface HeldEntity {
  readonly id: number;
  readonly entityType: EntityType;
  readonly gid: string;
  readonly claimWorkflowId: string | null;
  readonly claimRunId: string | null;
  readonly claimedAt: Date;
  readonly claimedBy: string;
  readonly repairedChecks: Record<string, number> | null;
  readonly returnReasons: string[] | null;
}

/**
 * Locks an entity's row if the claim is still this run's: the fence of all that an audit does at its end.
 *
 * @param runId null: a claim of the pacer's that no run has taken over
 * @returns undefined where the entity is in other hands, or in none
 */
export async function lockClaim(
  tx: Transaction,
  claim: { readonly entityId: number; readonly runId: string | null },
): Promise<HeldEntity | undefined> {
  // An operator's SQL may have set the status without a claim: such a row is held by nobody since ever.
  const { rows } = await tx.query<HeldEntity>(
    `select id, entity_type::text as "entityType", gid::text,
            claim_workflow_id as "claimWorkflowId", claim_run_id as "claimRunId",
            coalesce(claimed_at, now()) as "claimedAt", coalesce(claimed_by, 'nobody') as "claimedBy",
            repaired_checks as "repairedChecks", return_reasons as "returnReasons"
     from artwork_reconciler.audit_entity
     where id = $1 and status = 'audit_in_progress' and claim_run_id is not distinct from $2
     for update`,
    [claim.entityId, claim.runId],
  );
  return rows[0];
}
