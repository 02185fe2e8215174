import type { Config } from '../../config/config.ts';
import type { EntityType } from '../../domain/entity.ts';
import type { Database, Queryable } from '../connection.ts';
import { countEach } from '../database-away.ts';
import { lockClaim } from './claims.ts';
import { releaseHeld } from './release-entity.ts';
import type { ReturnSettings } from './return-causes.ts';

/**
 * Claims younger than `youngClaimSeconds` are never judged lost: the pacer claims a batch before it starts the workflows,
 * and Temporal may not show a workflow the moment it is started.
 */
type YoungClaims = Pick<Config['housekeeping'], 'youngClaimSeconds'>;

export interface AuditInProgress {
  readonly entityId: number;
  readonly entityType: EntityType;
  readonly gid: string;
  readonly workflowId: string;
  /** Null where no run has taken the pacer's claim over yet. */
  readonly runId: string | null;
  readonly claimedAt: Date;
}

/** The audits that a workflow has had in progress for that long, oldest first; housekeeping asks Temporal for each. */
export async function auditsInProgress(
  q: Queryable,
  { youngClaimSeconds, limit = 10_000 }: YoungClaims & { readonly limit?: number },
): Promise<AuditInProgress[]> {
  const { rows } = await q.query<{
    id: number;
    entityType: EntityType;
    gid: string;
    workflowId: string;
    runId: string | null;
    claimedAt: Date;
  }>(
    `select id, entity_type::text as "entityType", gid::text, claim_workflow_id as "workflowId", claim_run_id as "runId",
            claimed_at as "claimedAt"
     from artwork_reconciler.audit_entity
     where status = 'audit_in_progress' and claim_workflow_id is not null
       and claimed_at < now() - make_interval(secs => $1)
     order by claimed_at, id
     limit $2`,
    [youngClaimSeconds, limit],
  );
  return rows.map((row) => ({
    entityId: row.id,
    entityType: row.entityType,
    gid: row.gid,
    workflowId: row.workflowId,
    runId: row.runId,
    claimedAt: row.claimedAt,
  }));
}

/**
 * Releases an audit whose workflow run is not found or closed, as Temporal (when it could be reached) said: due now.
 *
 * @returns not_ours where the claim has changed hands, or was renewed, since it was read
 */
export async function releaseLostAudit(
  db: Database,
  lost: Pick<AuditInProgress, 'entityId' | 'runId' | 'workflowId'>,
  settings: ReturnSettings & YoungClaims,
): Promise<'given_back' | 'not_ours'> {
  return db.transaction(async (tx) => {
    const entity = await lockClaim(tx, lost);
    if (!entity || entity.claimWorkflowId !== lost.workflowId) return 'not_ours';
    // Without a run, a later claim of the pacer's looks the same as the one that was lost, but is young.
    const { rows } = await tx.query<{ young: boolean }>(
      `select $1::timestamptz >= now() - make_interval(secs => $2) as young`,
      [entity.claimedAt, settings.youngClaimSeconds],
    );
    if (rows[0]?.young !== false) return 'not_ours';
    const reason = `its workflow ${lost.workflowId} is gone`;
    await releaseHeld(tx, entity, { cause: 'workflow_gone', reason }, settings);
    return 'given_back';
  });
}

/** In progress with no workflow, and with no shell that renews its claim. */
export const lapsed = `status = 'audit_in_progress' and claim_workflow_id is null
                  and (claim_expires_at is null or claim_expires_at < now())`;

/**
 * Releases what is in progress with nobody to ask for: a shell's claim that was not renewed, and a row that somebody
 * set to `audit_in_progress` by hand.
 *
 * @returns how many
 */
export async function releaseLapsedClaims(
  db: Database,
  settings: Pick<Config['audit'], 'discardDelayMinutes' | 'maxReturns' | 'settleMinutes'>,
): Promise<number> {
  const { rows } = await db.query<{ id: number; runId: string | null }>(
    `select id, claim_run_id as "runId" from artwork_reconciler.audit_entity where ${lapsed} order by claimed_at, id limit 1000`,
  );
  return countEach(rows, ({ id, runId }) =>
    db.transaction(async (tx) => {
      const entity = await lockClaim(tx, { entityId: id, runId });
      // Again under the lock: the shell may have renewed it.
      const still = await tx.query(`select from artwork_reconciler.audit_entity where id = $1 and ${lapsed}`, [id]);
      if (!entity || still.rows.length === 0) return 0;
      const reason = runId === null ? 'no run has claimed it' : 'the shell that audited it is gone';
      await releaseHeld(tx, entity, { cause: 'workflow_gone', reason }, settings);
      return 1;
    }),
  );
}
