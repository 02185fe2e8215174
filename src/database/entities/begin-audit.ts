import type { EntityKey } from '../../domain/entity.ts';
import type { Database, Queryable } from '../connection.ts';
import { shellClaimMinutes } from '../entity-states/shell-claim.ts';

export interface BeginAudit {
  readonly key: EntityKey;
  /** Null where a shell audits without Temporal; it then renews the claim (`renewShellClaim`). */
  readonly workflowId: string | null;
  /** The fence: only this run decides or gives back. A shell makes one up. */
  readonly runId: string;
  /** `paced`: only takes over a claim that the pacer made. `operator`: may claim as well. */
  readonly how: 'operator' | 'paced';
  /** The operator's name, for the history. */
  readonly askedBy?: string;
}

/** What the decision needs to know of the entity's past. */
export interface BegunAudit {
  readonly kind: 'begun';
  readonly entityId: number;
  /** How many repairs in a row were to mend each check's finding. */
  readonly repairedChecks: Readonly<Record<string, number>>;
  /** Evidence of the findings that a person said shall stay. */
  readonly wontFixEvidence: readonly string[];
}

export type BeginAnswer = BegunAudit | { readonly kind: 'refused'; readonly reason: string };

/**
 * Takes an entity into the hand of one run: the pacer's claim is taken over with the run's id, or, for an operator,
 * the entity is claimed whatever it waits for (and added where it is not known yet). May be repeated by the same run.
 *
 * Refused while another run has the entity in hand; for a paced audit also where the claim is gone (it was given back
 * before the workflow came to begin); for an operator also while repairs of the entity are open, because an audit
 * before they end could only be given back, and the verification that follows them would be lost.
 */
export async function beginAudit(db: Database, begin: BeginAudit): Promise<BeginAnswer> {
  if (begin.how === 'operator') await addWhereUnknown(db, begin.key);
  for (;;) {
    const begun = await claim(db, begin);
    if (begun !== undefined) return begun;
    const obstacle = await readObstacle(db, begin);
    // None: what was in the way has gone since.
    if (obstacle !== null) return { kind: 'refused', reason: obstacle };
  }
}

async function addWhereUnknown(q: Queryable, { entityType, gid }: EntityKey): Promise<void> {
  await q.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid) values ($1, $2)
     on conflict (entity_type, gid) do nothing`,
    [entityType, gid],
  );
}

const isOurs = `status = 'audit_in_progress' and claim_run_id = $4`;

/**
 * One statement where nothing is in the way, which is almost always. A claim of the pacer's that no run has taken over
 * yet is for whoever runs under its workflow id. `claimed_at` starts anew when a run takes over: whether it is lost is
 * judged from then.
 */
async function claim(q: Queryable, begin: BeginAudit): Promise<BegunAudit | undefined> {
  const { rows } = await q.query<Omit<BegunAudit, 'kind'>>(
    `update artwork_reconciler.audit_entity entity
     set status = 'audit_in_progress',
         due_at = null, due_cause = null,
         claim_workflow_id = $3, claim_run_id = $4,
         claimed_at = case when ${isOurs} then claimed_at else now() end,
         claimed_by = case when ${isOurs} then claimed_by else $5 end,
         claim_expires_at = case when $3::text is null then now() + make_interval(secs => $6) end,
         repair_audit_id = null,
         discards = case when ${isOurs} then discards else 0 end,
         discarded_fingerprint = case when ${isOurs} then discarded_fingerprint end
     where entity_type = $1 and gid = $2
       and (${isOurs}
            or status = 'audit_in_progress' and claim_run_id is null and claim_workflow_id = $3
            or $7 = 'operator' and status not in ('audit_in_progress', 'repair_queue'))
     returning id as "entityId", coalesce(repaired_checks, '{}') as "repairedChecks",
       array(select evidence from artwork_reconciler.wont_fix_evidence where audit_entity_id = entity.id)
         as "wontFixEvidence"`,
    [
      begin.key.entityType,
      begin.key.gid,
      begin.workflowId,
      begin.runId,
      begin.how === 'paced' ? 'pacer' : (begin.askedBy ?? 'operator'),
      shellClaimMinutes * 60,
      begin.how,
    ],
  );
  const [row] = rows;
  return row && { kind: 'begun', ...row, wontFixEvidence: [...row.wontFixEvidence].sort() };
}

async function readObstacle(q: Queryable, { key, how }: BeginAudit): Promise<string | null> {
  const { rows } = await q.query<{ status: string; claim_workflow_id: string | null }>(
    `select status::text, claim_workflow_id from artwork_reconciler.audit_entity where entity_type = $1 and gid = $2`,
    [key.entityType, key.gid],
  );
  const [entity] = rows;
  if (entity === undefined) return 'it is not an audit entity';
  if (entity.status === 'audit_in_progress') {
    return `it is being audited (${entity.claim_workflow_id ?? 'from a shell'})`;
  }
  if (how === 'paced') return `it is ${entity.status}: the pacer's claim was given back`;
  if (entity.status === 'repair_queue') return 'its repairs are still in the queue: it is audited when they have ended';
  return null;
}
