import type { Config } from '../../config/config.ts';
import type { EntityType } from '../../domain/entity.ts';
import type { Database, Queryable } from '../connection.ts';
import { giveBackHeld } from './release-entity.ts';
import { lockClaim } from '../entity-states/lock-claim.ts';
import type { ReturnSettings } from './return-causes.ts';
import { countEach } from '../try-each.ts';

/**
 * Claims younger than `youngClaimSeconds` are never judged lost: the pacer claims a batch before it starts the workflows,
 * and Temporal may not show a workflow the moment it is started.
 */
type YoungClaims = Pick<Config['housekeeping'], 'youngClaimSeconds'>;

export interface AuditInHand {
  readonly entityId: number;
  readonly entityType: EntityType;
  readonly gid: string;
  readonly workflowId: string;
  /** Null where no run has taken the pacer's claim over yet. */
  readonly runId: string | null;
  readonly claimedAt: Date;
}

/** The audits that a workflow has had in hand for that long, oldest first; housekeeping asks Temporal for each. */
export async function auditsInHand(
  q: Queryable,
  { youngClaimSeconds, limit = 10_000 }: YoungClaims & { readonly limit?: number },
): Promise<AuditInHand[]> {
  const { rows } = await q.query<{
    id: number;
    entity_type: EntityType;
    gid: string;
    claim_workflow_id: string;
    claim_run_id: string | null;
    claimed_at: Date;
  }>(
    `select id, entity_type::text, gid::text, claim_workflow_id, claim_run_id, claimed_at
     from artwork_reconciler.audit_entity
     where status = 'audit_in_progress' and claim_workflow_id is not null
       and claimed_at < now() - make_interval(secs => $1)
     order by claimed_at, id
     limit $2`,
    [youngClaimSeconds, limit],
  );
  return rows.map((row) => ({
    entityId: row.id,
    entityType: row.entity_type,
    gid: row.gid,
    workflowId: row.claim_workflow_id,
    runId: row.claim_run_id,
    claimedAt: row.claimed_at,
  }));
}

/**
 * Gives back an audit whose workflow run is not found or closed, as Temporal (when it could be reached) said: due now.
 *
 * @returns not_ours where the claim has changed hands, or was renewed, since it was read
 */
export async function giveBackLostAudit(
  db: Database,
  lost: Pick<AuditInHand, 'entityId' | 'runId' | 'workflowId'>,
  settings: ReturnSettings & YoungClaims,
): Promise<'given_back' | 'not_ours'> {
  return db.transaction(async (tx) => {
    const entity = await lockClaim(tx, lost);
    if (!entity || entity.claim_workflow_id !== lost.workflowId) return 'not_ours';
    // Without a run, a later claim of the pacer's looks the same as the one that was lost, but is young.
    const { rows } = await tx.query<{ young: boolean }>(
      `select $1::timestamptz >= now() - make_interval(secs => $2) as young`,
      [entity.claimed_at, settings.youngClaimSeconds],
    );
    if (rows[0]?.young !== false) return 'not_ours';
    const reason = `its workflow ${lost.workflowId} is gone`;
    await giveBackHeld(tx, entity, { cause: 'workflow_gone', reason }, settings);
    return 'given_back';
  });
}

/** In progress with no workflow, and with no shell that renews its claim. */
export const lapsed = `status = 'audit_in_progress' and claim_workflow_id is null
                  and (claim_expires_at is null or claim_expires_at < now())`;

/**
 * Gives back what is in progress with nobody to ask for: a shell's claim that was not renewed, and a row that somebody
 * set to `audit_in_progress` by hand.
 *
 * @returns how many
 */
export async function giveBackLapsedClaims(
  db: Database,
  settings: Pick<Config['audit'], 'discardDelayMinutes' | 'maxReturns' | 'settleMinutes'>,
): Promise<number> {
  const { rows } = await db.query<{ id: number; claim_run_id: string | null }>(
    `select id, claim_run_id from artwork_reconciler.audit_entity where ${lapsed} order by claimed_at, id limit 1000`,
  );
  return countEach(rows, ({ id, claim_run_id: runId }) =>
    db.transaction(async (tx) => {
      const entity = await lockClaim(tx, { entityId: id, runId });
      // Again under the lock: the shell may have renewed it.
      const still = await tx.query(`select from artwork_reconciler.audit_entity where id = $1 and ${lapsed}`, [id]);
      if (!entity || still.rows.length === 0) return 0;
      const reason = runId === null ? 'nobody has it in hand' : 'the shell that audited it is gone';
      await giveBackHeld(tx, entity, { cause: 'workflow_gone', reason }, settings);
      return 1;
    }),
  );
}
