import type { Config } from '../../config/config.ts';
import { priorities } from '../../domain/priorities.ts';
import type { Transaction } from '../connection.ts';
import { makeUnchecked } from './make-unchecked.ts';
import { makeManualReview } from './make-manual-review.ts';
import type { ReviewReason } from './review-reason.ts';
import { addToReview } from '../entities/write-review.ts';

/**
 * Lets an entity out of `repair_queue` once none of its repairs is queued or running, whoever ended them, also where a
 * row is gone: to be verified after the archive has had time; or, where one failed for good, to a person.
 *
 * Why not to a person at the first failure: the completion of a repair that is still open would take it out again.
 *
 * The caller holds the entity's row lock.
 *
 * @param endedEventId an event that is just being ended in this transaction; its recorded outcome counts, not its row
 * @returns what became of the entity; `waiting` where a repair is still open
 */
export async function settleRepairs(
  tx: Transaction,
  entity: { readonly entityId: number; readonly repairAuditId: number | null },
  settings: Pick<Config['audit'], 'settleMinutes'>,
  endedEventId?: number,
): Promise<'manual_review' | 'unchecked' | 'waiting'> {
  const repairs = await readRepairs(tx, entity.repairAuditId, endedEventId ?? null);
  if (repairs.some(({ standing }) => standing === 'open')) return 'waiting';
  const failed = repairs.filter(({ standing }) => standing === 'failed');
  if (failed.length > 0) {
    await addToReview(tx, entity.entityId, [failureReason(failed)]);
    await makeManualReview(tx, entity.entityId);
    return 'manual_review';
  }
  await makeUnchecked(tx, entity.entityId, {
    waitSeconds: settings.settleMinutes * 60,
    cause: 'verification',
    priority: priorities.verification,
  });
  return 'unchecked';
}

interface RepairStanding {
  readonly position: number;
  readonly depends_on: readonly number[];
  readonly event_id: number;
  readonly action: string;
  readonly standing: 'ended' | 'failed' | 'open' | 'superseded';
  /** It failed without ever having been tried, so for a parent's sake. */
  readonly untried: boolean;
  readonly failure: string | null;
}

/**
 * A row that the other daemon's housekeeping failed while one of our workers has it in hand is open still: the worker's
 * outcome counts. A failed row whose work an identical queued row will do was superseded (the other daemon fails a row
 * so, too). A row that is gone counts as ended, unless it was seen to fail.
 */
async function readRepairs(
  tx: Transaction,
  repairAuditId: number | null,
  endedEventId: number | null,
): Promise<RepairStanding[]> {
  if (repairAuditId === null) return [];
  const { rows } = await tx.query<RepairStanding>(
    `select repair.position, repair.depends_on::int[], repair.event_id, repair.action,
            case
              when event.id = $2 or event.id is null
                then case when repair.outcome in ('failed', 'superseded') then repair.outcome else 'ended' end
              when event.state in ('queued', 'running') or claim.event is not null then 'open'
              when event.state = 'completed' then 'ended'
              when repair.outcome = 'superseded' or exists (
                select from artwork_indexer.event_queue twin
                where twin.state = 'queued'
                  and twin.entity_type = event.entity_type
                  and twin.action = event.action
                  and twin.message = event.message) then 'superseded'
              else 'failed'
            end as standing,
            coalesce(event.attempts = 0, false) as untried,
            (select reason.failure_reason
             from artwork_indexer.event_failure_reason reason
             where reason.event = event.id
             order by reason.created desc
             limit 1) as failure
     from artwork_reconciler.audit_repair repair
     left join artwork_indexer.event_queue event on event.id = repair.event_id
     left join artwork_reconciler.event_claim claim on claim.event = event.id
     where repair.audit_id = $1 and repair.event_id is not null
     order by repair.position`,
    [repairAuditId, endedEventId],
  );
  return supersedeDependents(rows);
}

/**
 * What failed untried only because a parent was superseded has not failed for good either: the next audit orders again
 * what is still missing. Parents come before their dependents.
 */
function supersedeDependents(repairs: readonly RepairStanding[]): RepairStanding[] {
  const standings = new Map<number, RepairStanding['standing']>();
  return repairs.map((repair) => {
    const parents = repair.depends_on.map((position) => standings.get(position));
    const isForParents = parents.includes('superseded') && !parents.includes('failed');
    const standing = repair.standing === 'failed' && repair.untried && isForParents ? 'superseded' : repair.standing;
    standings.set(repair.position, standing);
    return { ...repair, standing };
  });
}

function failureReason(failed: readonly RepairStanding[]): ReviewReason {
  const examples = failed.slice(0, 3).map((repair) => ({
    subject: `event ${repair.event_id}`,
    expected: `${repair.action} completed`,
    found: (repair.failure ?? 'failed, no reason recorded').slice(0, 500),
  }));
  const named = examples.map(({ subject, found }, n) => `${failed[n]?.action ?? 'repair'} (${subject}): ${found}`);
  const more = failed.length > examples.length ? `, and ${failed.length - examples.length} more` : '';
  return {
    check: null,
    reason: `${failed.length === 1 ? 'a repair' : `${failed.length} repairs`} failed for good: ${named.join('; ')}${more}`,
    count: failed.length,
    evidence: null,
    examples,
  };
}
