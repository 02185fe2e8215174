import sql, { raw } from 'sql-template-tag';
import type { DeploymentIdentity } from '../../domain/deployment.ts';
import type { EntityKey } from '../../domain/entity.ts';
import type { Database, Queryable } from '../connection.ts';
import { whyNotOurs } from '../schema/deployment.ts';
import { clear, clearUnless, shellClaimMinutes } from './claims.ts';
import { exclusionInWords, readExclusion } from './exclusion.ts';

export interface BeginAudit {
  readonly key: EntityKey;
  /** Null where a shell audits without Temporal; it then renews the claim (`renewShellClaim`). */
  readonly workflowId: string | null;
  /** The fence: only this run decides or releases. A shell makes one up. */
  readonly runId: string;
  /** `paced`: only takes over a claim that the pacer made. `operator`: may claim as well. */
  readonly how: 'operator' | 'paced';
  /** The operator's name, for the history. */
  readonly askedBy?: string;
  /** Whose audit it is: in another database it is refused. */
  readonly served?: DeploymentIdentity | undefined;
}

/** What the decision needs to know of the entity's past. */
export interface BegunAudit {
  readonly kind: 'begun';
  readonly entityId: number;
  /** How many consecutive repairs were to mend each check's finding. */
  readonly repairedChecks: Readonly<Record<string, number>>;
  /** Evidence of the findings that a person said shall stay. */
  readonly wontFixEvidence: readonly string[];
}

export type BeginAnswer = BegunAudit | { readonly kind: 'refused'; readonly reason: string };

/**
 * Claims an entity for one run: the pacer's claim is taken over with the run's id, or, for an operator,
 * the entity is claimed whatever it waits for (and added where it is not known yet). May be repeated by the same run.
 *
 * Refused where people want the entity left alone, and while another run has claimed it; for a paced audit also where the claim is gone (it was released
 * before the workflow came to begin); for an operator also while repairs of the entity are open, because an audit
 * before they end could only be released, and the verification that follows them would be lost.
 */
export async function beginAudit(db: Database, begin: BeginAudit): Promise<BeginAnswer> {
  if (begin.how === 'operator') {
    const reason = await whyNotOurs(db, begin.served);
    if (reason !== null) return { kind: 'refused', reason };
    await addWhereUnknown(db, begin.key);
  }
  for (;;) {
    const begun = await claim(db, begin);
    if (begun !== undefined) return begun;
    const obstacle = (await whyNotOurs(db, begin.served)) ?? (await readObstacle(db, begin));
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

/**
 * One statement where nothing is in the way, which is almost always. A claim of the pacer's that no run has taken over
 * yet is for whoever runs under its workflow id. `claimed_at` starts again when a run takes over: whether it is lost is
 * judged from then.
 */
async function claim(q: Queryable, begin: BeginAudit): Promise<BegunAudit | undefined> {
  const { key, workflowId, runId, how } = begin;
  const isOurs = sql`status = 'audit_in_progress' and claim_run_id = ${runId}`;
  const askedBy = how === 'paced' ? 'pacer' : (begin.askedBy ?? 'operator');
  const expires = workflowId === null ? sql`now() + make_interval(secs => ${shellClaimMinutes * 60})` : sql`null`;
  const { rows } = await q.query<Omit<BegunAudit, 'kind'>>(
    sql`update artwork_reconciler.audit_entity entity
     set status = 'audit_in_progress',
         ${raw(clear('due', 'waiting'))},
         claim_workflow_id = ${workflowId}, claim_run_id = ${runId},
         claimed_at = case when ${isOurs} then claimed_at else now() end,
         claimed_by = case when ${isOurs} then claimed_by else ${askedBy} end,
         claim_expires_at = ${expires},
         ${clearUnless(isOurs, 'discards')}
     where entity_type = ${key.entityType} and gid = ${key.gid}
       and not exists (select from artwork_reconciler.deployment where identity <> ${begin.served?.id ?? null}::uuid)
       and (${isOurs}
            or status = 'audit_in_progress' and claim_run_id is null and claim_workflow_id = ${workflowId}
            or ${how === 'operator'} and status not in ('audit_in_progress', 'repair_queue')
              and due_cause is distinct from 'excluded')
     returning id as "entityId", coalesce(repaired_checks, '{}') as "repairedChecks",
       array(select evidence from artwork_reconciler.wont_fix_evidence where audit_entity_id = entity.id)
         as "wontFixEvidence"`,
  );
  const [row] = rows;
  return row && { kind: 'begun', ...row, wontFixEvidence: [...row.wontFixEvidence].sort() };
}

async function readObstacle(q: Queryable, { key, how }: BeginAudit): Promise<string | null> {
  const { rows } = await q.query<{ id: number; status: string; claimWorkflowId: string | null }>(
    `select id, status::text, claim_workflow_id as "claimWorkflowId" from artwork_reconciler.audit_entity where entity_type = $1 and gid = $2`,
    [key.entityType, key.gid],
  );
  const [entity] = rows;
  if (entity === undefined) return 'it is not an audit entity';
  const exclusion = await readExclusion(q, entity.id);
  if (exclusion !== null) return exclusionInWords(exclusion);
  if (entity.status === 'audit_in_progress') {
    return `it is being audited (${entity.claimWorkflowId ?? 'from a shell'})`;
  }
  if (how === 'paced') return `it is ${entity.status}: the pacer's claim was released`;
  if (entity.status === 'repair_queue') return 'its repairs are still in the queue: it is audited when they have ended';
  return null;
}
