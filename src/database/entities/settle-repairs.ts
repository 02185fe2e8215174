import type { Config } from '../../config/config.ts';
import type { ReviewReason } from '../../domain/decision/review-reason.ts';
import { readReason } from '../../domain/queue/failure-reason.ts';
import { priorities } from '../../domain/priorities.ts';
import type { EntityType } from '../../domain/entity.ts';
import type { Database, Transaction } from '../connection.ts';
import { countEach } from '../database-away.ts';
import { makeUnchecked } from './make-due.ts';
import { addToReview, makeManualReview } from './write-review.ts';

/**
 * Housekeeping's twin of `noticeEndedEvent`: lets every entity out of `repair_queue` of whose repairs none is queued or
 * running, whoever ended them, also where the rows are gone or nobody ever ordered any.
 *
 * Each entity is a transaction of its own under its row's lock, where its repairs are read again: one that was settled
 * meanwhile is left alone.
 *
 * @returns how many were let out
 */
export async function settleRepairQueue(
  db: Database,
  settings: Pick<Config['audit'], 'settleMinutes'>,
): Promise<number> {
  const { rows } = await db.query<{ id: number }>(
    `select entity.id from artwork_reconciler.audit_entity entity
     where entity.status = 'repair_queue' and not exists (
       select from artwork_reconciler.audit_repair repair
       join artwork_indexer.event_queue event on event.id = repair.event_id
       left join artwork_reconciler.event_claim claim on claim.event = event.id
       where repair.audit_id = entity.repair_audit_id
         and (event.state in ('queued', 'running') or claim.event is not null))
     order by entity.id`,
  );
  return countEach(rows, ({ id }) => settleOne(db, id, settings));
}

async function settleOne(db: Database, id: number, settings: Pick<Config['audit'], 'settleMinutes'>): Promise<number> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{ repairAuditId: number | null }>(
      `select repair_audit_id as "repairAuditId" from artwork_reconciler.audit_entity
       where id = $1 and status = 'repair_queue'
       for update`,
      [id],
    );
    const [entity] = rows;
    if (!entity) return 0;
    const became = await settleRepairs(tx, { entityId: id, repairAuditId: entity.repairAuditId }, settings);
    return became === 'waiting' ? 0 : 1;
  });
}

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
  const isWithdrawn = repairs.some(({ standing }) => standing === 'withdrawn');
  const isWritten = repairs.some(({ standing }) => standing === 'ended');
  await makeUnchecked(tx, entity.entityId, {
    waitSeconds: isWithdrawn && !isWritten ? null : settings.settleMinutes * 60,
    cause: 'verification',
    // What was withdrawn was doubted: there is nothing to be verified in a hurry.
    priority: isWithdrawn ? priorities.usual : priorities.verification,
  });
  if (isWithdrawn && !isWritten) await forgetRepairs(tx, entity.entityId);
  return 'unchecked';
}

/** Repairs that nobody carried out are no attempts: this many consecutive ones go to a person. */
async function forgetRepairs(tx: Transaction, entityId: number): Promise<void> {
  await tx.query(
    `update artwork_reconciler.audit_entity
     set repairs = greatest(repairs - 1, 0),
         repaired_checks = (
           select jsonb_object_agg(key, value::int - 1) filter (where value::int > 1) from jsonb_each_text(repaired_checks)
         )
     where id = $1`,
    [entityId],
  );
}

/**
 * Checks every entity that events concern which were withdrawn, in the transaction that withdrew them, after their rows
 * were changed: those whose audit ordered them, and those that waited for them. Rows are locked in the order of their ids, as
 * in `noticeEndedEvent`.
 */
export async function settleWithdrawn(
  tx: Transaction,
  events: readonly { readonly id: number; readonly entityType: EntityType; readonly gids: readonly string[] }[],
): Promise<void> {
  const ids = events.map(({ id }) => id);
  const named = events.flatMap(({ entityType, gids }) => gids.map((gid) => ({ entityType, gid })));
  const { rows } = await tx.query<{ id: number; status: string; repairAuditId: number | null }>(
    `select id, status::text, repair_audit_id as "repairAuditId"
     from artwork_reconciler.audit_entity
     where id in (select audit.audit_entity_id
                  from artwork_reconciler.audit_repair repair
                  join artwork_reconciler.audit on audit.id = repair.audit_id
                  where repair.event_id = any ($1::bigint[])
                  union
                  select entity.id
                  from unnest($2::text[], $3::uuid[]) as named (entity_type, gid)
                  join artwork_reconciler.audit_entity entity
                    on entity.entity_type = named.entity_type::artwork_indexer.indexable_entity_type
                   and entity.gid = named.gid
                  where entity.status = 'unchecked' and entity.due_cause = 'pending_events')
     order by id
     for update`,
    [ids, named.map(({ entityType }) => entityType), named.map(({ gid }) => gid)],
  );
  await tx.query(
    `with settled as (
       update artwork_reconciler.audit_repair set outcome = 'withdrawn', ended_at = clock_timestamp()
       where event_id = any ($1::bigint[])
     )
     -- Housekeeping would take them for events that failed elsewhere.
     insert into artwork_reconciler.noticed_event (event_id, noticed_at)
     select id, clock_timestamp() from unnest($1::bigint[]) as id
     on conflict (event_id) do update set noticed_at = excluded.noticed_at`,
    [ids],
  );
  for (const { id, status, repairAuditId } of rows) {
    if (status === 'unchecked') await makeUnchecked(tx, id, { waitSeconds: null, cause: null });
    // Of these some is withdrawn, so that nothing has to settle; what was carried out is left to its own end.
    else if (status === 'repair_queue') await settleRepairs(tx, { entityId: id, repairAuditId }, { settleMinutes: 0 });
  }
}

interface RepairStanding {
  readonly position: number;
  readonly dependsOn: readonly number[];
  readonly eventId: number;
  readonly action: string;
  readonly standing: 'ended' | 'failed' | 'open' | 'superseded' | 'withdrawn';
  /** It failed without ever having been tried, so for a parent's sake. */
  readonly untried: boolean;
  readonly failure: string | null;
}

/**
 * A row that the other daemon's housekeeping failed while one of our workers has claimed it is open still: the worker's
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
    `select repair.position, repair.depends_on::int[] as "dependsOn", repair.event_id as "eventId", repair.action,
            case
              when event.id = $2 or event.id is null
                then case when repair.outcome in ('failed', 'superseded', 'withdrawn') then repair.outcome else 'ended' end
              when event.state in ('queued', 'running') or claim.event is not null then 'open'
              when event.state = 'completed' then 'ended'
              when repair.outcome = 'withdrawn' then 'withdrawn'
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
    const parents = repair.dependsOn.map((position) => standings.get(position));
    const isForParents = parents.includes('superseded') && !parents.includes('failed');
    const standing = repair.standing === 'failed' && repair.untried && isForParents ? 'superseded' : repair.standing;
    standings.set(repair.position, standing);
    return { ...repair, standing };
  });
}

function failureReason(failed: readonly RepairStanding[]): ReviewReason {
  const examples = failed.slice(0, 3).map((repair) => ({
    subject: `event ${repair.eventId}`,
    expected: `${repair.action} completed`,
    found: (repair.failure ?? 'failed, no reason recorded').slice(0, 500),
  }));
  const named = examples.map(
    ({ subject, found }, n) => `${failed[n]?.action ?? 'repair'} (${subject}): ${readReason(found).what}`,
  );
  const more = failed.length > examples.length ? `, and ${failed.length - examples.length} more` : '';
  return {
    check: null,
    reason: `${failed.length === 1 ? 'a repair' : `${failed.length} repairs`} failed for good: ${named.join('; ')}${more}`,
    count: failed.length,
    evidence: null,
    examples,
  };
}
