import type { EntityKey } from '../../domain/entity.ts';
import type { Database, Transaction } from '../connection.ts';
import { shellClaimMinutes } from './shell-claim.ts';
import { readWontFixEvidence } from './wont-fix-evidence.ts';

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
  readonly priority: number;
  /** Repairs in a row, and how many of them were to mend each check's finding. */
  readonly repairs: number;
  readonly repairedChecks: Readonly<Record<string, number>>;
  /** Audits given back in a row, those that count. */
  readonly returns: number;
  /** Decisions of this audit that were discarded in a row. */
  readonly discards: number;
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
  return db.transaction(async (tx) => {
    if (begin.how === 'operator') await addWhereUnknown(tx, begin.key);
    const entity = await lockEntity(tx, begin.key);
    if (!entity) return refused('it is not an audit entity');
    const obstacle = obstacleTo(begin, entity);
    if (obstacle !== null) return refused(obstacle);
    if (entity.claim_run_id !== begin.runId || entity.status !== 'audit_in_progress') await claim(tx, begin, entity);
    return {
      kind: 'begun',
      entityId: entity.id,
      priority: entity.priority,
      repairs: entity.repairs,
      repairedChecks: entity.repaired_checks ?? {},
      returns: entity.returns,
      discards: entity.status === 'audit_in_progress' ? entity.discards : 0,
      wontFixEvidence: await readWontFixEvidence(tx, entity.id),
    };
  });
}

interface EntityRow {
  readonly id: number;
  readonly status: string;
  readonly priority: number;
  readonly repairs: number;
  readonly repaired_checks: Record<string, number> | null;
  readonly returns: number;
  readonly discards: number;
  readonly claim_workflow_id: string | null;
  readonly claim_run_id: string | null;
}

async function addWhereUnknown(tx: Transaction, { entityType, gid }: EntityKey): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid) values ($1, $2)
     on conflict (entity_type, gid) do nothing`,
    [entityType, gid],
  );
}

async function lockEntity(tx: Transaction, { entityType, gid }: EntityKey): Promise<EntityRow | undefined> {
  const { rows } = await tx.query<EntityRow>(
    `select id, status::text, priority, repairs, repaired_checks, returns, discards, claim_workflow_id, claim_run_id
     from artwork_reconciler.audit_entity
     where entity_type = $1 and gid = $2
     for update`,
    [entityType, gid],
  );
  return rows[0];
}

function refused(reason: string): BeginAnswer {
  return { kind: 'refused', reason };
}

function obstacleTo({ how, workflowId, runId }: BeginAudit, entity: EntityRow): string | null {
  if (entity.status === 'audit_in_progress') {
    if (entity.claim_run_id === runId) return null;
    // A claim of the pacer's that no run has taken over yet is for whoever runs under its workflow id.
    const isForUs = entity.claim_run_id === null && entity.claim_workflow_id === workflowId && workflowId !== null;
    return isForUs ? null : `it is being audited (${entity.claim_workflow_id ?? 'from a shell'})`;
  }
  if (how === 'paced') return `it is ${entity.status}: the pacer's claim was given back`;
  if (entity.status === 'repair_queue') return 'its repairs are still in the queue: it is audited when they have ended';
  return null;
}

/** `claimed_at` starts anew when a run takes over: whether it is lost is judged from then. */
async function claim(tx: Transaction, begin: BeginAudit, entity: EntityRow): Promise<void> {
  await tx.query(
    `update artwork_reconciler.audit_entity
     set status = 'audit_in_progress',
         due_at = null, due_cause = null,
         claim_workflow_id = $2, claim_run_id = $3, claimed_at = now(),
         claimed_by = $4,
         claim_expires_at = case when $2::text is null then now() + make_interval(secs => $5) end,
         repair_audit_id = null, discards = 0, discarded_fingerprint = null
     where id = $1`,
    [
      entity.id,
      begin.workflowId,
      begin.runId,
      begin.how === 'paced' ? 'pacer' : (begin.askedBy ?? 'operator'),
      shellClaimMinutes * 60,
    ],
  );
}
