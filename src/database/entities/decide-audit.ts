import type { Config } from '../../config/config.ts';
import type { Decision } from '../../domain/decision/decision.ts';
import type { Identity } from '../../domain/entity.ts';
import type { RequestCounts } from '../../domain/queue/request-count.ts';
import type { Database, Transaction } from '../connection.ts';
import { transactionWithRetry } from '../event-states/retry-on-conflict.ts';
import { readMode } from '../mode.ts';
import { applyDecision } from '../entity-states/apply-decision.ts';
import { type HeldEntity, lockClaim } from '../entity-states/lock-claim.ts';
import { readPeoplesWord } from '../entity-states/peoples-word.ts';

export interface DecideAudit {
  readonly entityId: number;
  /** The run that has it in hand. */
  readonly runId: string;
  readonly identity: Identity;
  /** Of what the decision rests on, as it was read. */
  readonly fingerprint: string;
  /** Reads all of it again, in this transaction, and decides on it. */
  readonly judge: (tx: Transaction) => Promise<Judged>;
  /** As `beginAudit` gave it, and as the decision was made with: a person's word in between makes it stale. */
  readonly wontFixEvidence?: readonly string[];
  readonly startedAt: Date;
  readonly requests: RequestCounts;
  /** The configuration's, which counts until the database has one. In report mode nothing is queued. */
  readonly mode: Config['audit']['mode'];
}

/** What is decided on the basis as it is now. */
export interface Judged {
  readonly fingerprint: string;
  /** Any but `not_now`, for which there is `giveBackEntity`; null where there is none to be made yet. */
  readonly decision: Decision | null;
}

/** An audit with its decision. */
export interface DecidedAudit extends Omit<DecideAudit, 'judge' | 'wontFixEvidence'> {
  readonly decision: Decision;
}

export type DecideAnswer =
  | {
      readonly kind: 'decided';
      readonly status: string;
      readonly auditId: number;
      /** The events queued, or found queued, for each repair; empty where none was ordered. */
      readonly eventIds: readonly number[];
    }
  | {
      /** What the decision rested on has changed: it was thrown away, and the audit is to be repeated. */
      readonly kind: 'stale';
      /** Decisions of this audit thrown away in a row, this one included. */
      readonly discards: number;
    }
  | { readonly kind: 'not_ours' }
  /** `judge` made no decision, on an unchanged basis: nothing was written. */
  | { readonly kind: 'undecided' };

/**
 * Makes an audit's decision come true, in one transaction: history, status, time of the audit, review, and the repair
 * events; a crash leaves all of it or nothing.
 *
 * The entity's row is locked first and what the decision rests on is read after that: of two decisions about an entity the second
 * finds the claim gone, and a change in MusicBrainz that was committed before is seen. (What is committed between this
 * reading and our own commit is not; for that there is the guard at delete time.)
 *
 * Repeated by the same run it changes nothing and gives the first answer again.
 *
 * @throws {RangeError} where the decision is `not_now`, or is to repair without a repair: nothing was changed
 */
export async function decideAudit(
  db: Database,
  audit: DecideAudit,
  settings: Pick<Config['audit'], 'recheckDays'>,
): Promise<DecideAnswer> {
  // Events that end side by side, and triggers that queue the same, may be in the way.
  return transactionWithRetry(db, async (tx) => {
    const entity = await lockClaim(tx, audit);
    if (!entity) return (await decidedBefore(tx, audit)) ?? { kind: 'not_ours' };
    const { wontFixEvidence, hasOpenReview } = await readPeoplesWord(tx, entity.id);
    if (audit.wontFixEvidence && !sameList(audit.wontFixEvidence, wontFixEvidence)) {
      return discard(tx, entity, `${audit.fingerprint}, let stand: ${audit.wontFixEvidence.join(' ')}`);
    }
    const { fingerprint, decision } = await audit.judge(tx);
    if (fingerprint !== audit.fingerprint) return discard(tx, entity, audit.fingerprint);
    if (decision === null) return { kind: 'undecided' };
    refuseImpossible(audit.entityId, decision);
    const { mode } = await readMode(tx, audit);
    return applyDecision(tx, { ...entity, hasOpenReview }, { ...audit, decision, mode }, settings);
  });
}

function refuseImpossible(entityId: number, { decision, repairs }: Decision): void {
  if (decision === 'not_now') throw new RangeError('not_now decides nothing: give the entity back instead');
  if (decision === 'repair_queue' && repairs.length === 0) {
    throw new RangeError(`entity ${entityId} is to be repaired, but no repair is given: expected one at least`);
  }
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && [...one].sort().every((each, n) => each === other[n]);
}

/** The same reading thrown away again is the same step repeated, and counts once. */
async function discard(tx: Transaction, entity: HeldEntity, fingerprint: string): Promise<DecideAnswer> {
  const { rows } = await tx.query<{ discards: number }>(
    `update artwork_reconciler.audit_entity
     set discards = discards + case when discarded_fingerprint is distinct from $2 then 1 else 0 end,
         discarded_fingerprint = $2
     where id = $1
     returning discards`,
    [entity.id, fingerprint],
  );
  return { kind: 'stale', discards: rows[0]?.discards ?? 1 };
}

async function decidedBefore(tx: Transaction, audit: DecideAudit): Promise<DecideAnswer | undefined> {
  const { rows } = await tx.query<{ id: number; status: string; event_ids: number[] }>(
    `select audit.id,
            case when audit.decision = 'repair_queue' and audit.mode = 'report' then 'unchecked'
                 else audit.decision::text end as status,
            array(select repair.event_id from artwork_reconciler.audit_repair repair
                  where repair.audit_id = audit.id and repair.event_id is not null
                  order by repair.position) as event_ids
     from artwork_reconciler.audit
     where audit.audit_entity_id = $1 and audit.run_id = $2 and audit.decision <> 'not_now'
     order by audit.id desc
     limit 1`,
    [audit.entityId, audit.runId],
  );
  const [row] = rows;
  return row && { kind: 'decided', status: row.status, auditId: row.id, eventIds: row.event_ids };
}
