import type { Operator } from '../operators/recorded.ts';
import type { Queryable, Transaction } from '../connection.ts';
import { switchToRepairMode } from '../entities/make-due.ts';

/** Entities of a canary at most: more is no try. */
export const largestCanary = 100_000;

/** A canary as it stands: the mode is repair for a limited number of entities, and report again after them. */
export interface OpenCanary {
  readonly entities: number;
  /** How many may still be repaired. */
  readonly remaining: number;
}

/** The newest canary, and what has come of it so far. */
export interface CanarySummary extends OpenCanary {
  readonly startedAt: Date;
  readonly startedBy: string;
  readonly endedAt: Date | null;
  /** Of the entities for which repairs were queued. */
  readonly repaired: number;
  /** In order, as an audit after the repairs says. */
  readonly clean: number;
  /** Their repairs are queued or running. */
  readonly underRepair: number;
  /** Repaired, and still to be verified. */
  readonly toVerify: number;
  /** Before a person, e.g. since a repair failed. */
  readonly inReview: number;
  /** An audit after the repairs found something to repair again. */
  readonly foundAgain: number;
  /** Of the events that were queued for them. */
  readonly events: { readonly completed: number; readonly failed: number; readonly open: number };
}

/** The one that is open; null where none is. */
export async function readOpenCanary(q: Queryable): Promise<OpenCanary | null> {
  const { rows } = await q.query<OpenCanary>(
    'select entities, remaining from artwork_reconciler.canary where ended_at is null',
  );
  return rows[0] ?? null;
}

/** Begins one, in the transaction that sets the mode; as many of those that wait for repair mode become due. */
export async function beginCanary(tx: Transaction, entities: number, by: Operator): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.canary (entities, remaining, started_by, note) values ($1, $1, $2, $3)`,
    [entities, by.actor, by.note ?? null],
  );
  await switchToRepairMode(tx, entities);
}

/** Ends the one that is open, where somebody sets another mode. */
export async function endCanary(tx: Transaction): Promise<void> {
  await tx.query('update artwork_reconciler.canary set ended_at = now() where ended_at is null');
}

/**
 * Takes one of the entities that may be repaired, in the transaction that decides to: two decisions at once wait for each
 * other here, whatever worker they are of. With the last one the mode is report again, and that is recorded.
 *
 * @returns the canary that it counts for; null where none is open
 */
export async function takeFromCanary(tx: Transaction): Promise<number | null> {
  const { rows } = await tx.query<{ id: number }>(
    `with taken as (
       update artwork_reconciler.canary
       set remaining = remaining - 1, ended_at = case when remaining = 1 then now() end
       where ended_at is null and remaining > 0
       returning id, entities, started_by, ended_at
     ),
     ended as (
       update artwork_reconciler.pace
       set mode = 'report', mode_set_by = taken.started_by, mode_set_at = date_trunc('milliseconds', now())
       from taken where taken.ended_at is not null
     ),
     recorded as (
       insert into artwork_reconciler.operator_action (actor, action, target, before, after, note)
       select started_by, 'set mode', 'mode', '{"mode": "repair"}', '{"mode": "report"}',
         'the canary of ' || entities || ' entities has had its repairs queued'
       from taken where ended_at is not null
     )
     select id from taken`,
  );
  return rows[0]?.id ?? null;
}

/** Notes for a canary's summary which audit ordered repairs for it. */
export async function noteCanaryAudit(tx: Transaction, canary: number, audit: number): Promise<void> {
  await tx.query('insert into artwork_reconciler.canary_audit (audit, canary) values ($1, $2)', [audit, canary]);
}

/**
 * Housekeeping: where a canary has entities left and nothing is due any more, as many of those that wait for repair mode
 * become due. Those that were made due at its start may have turned out to be in order.
 */
export async function feedCanary(q: Queryable, { remaining }: OpenCanary): Promise<number> {
  const { rows } = await q.query<{ due: boolean }>(
    `select exists (
       select from artwork_reconciler.audit_entity where status = 'unchecked' and due_at is null
     ) as due`,
  );
  return rows[0]?.due === true ? 0 : switchToRepairMode(q, remaining);
}

/** What has come of the newest canary; null where there was none. Bounded by how many entities it has. */
export async function readCanarySummary(q: Queryable): Promise<CanarySummary | null> {
  const { rows } = await q.query<CanarySummary>(
    `with newest as (select * from artwork_reconciler.canary order by id desc limit 1),
     ordered as (
       select audit.id as audit, entity.status, entity.due_cause, entity.last_audit_at > audit.decided_at as audited_since
       from newest
       join artwork_reconciler.canary_audit member on member.canary = newest.id
       join artwork_reconciler.audit on audit.id = member.audit
       join artwork_reconciler.audit_entity entity on entity.id = audit.audit_entity_id
     ),
     events as (
       select repair.outcome from ordered join artwork_reconciler.audit_repair repair on repair.audit_id = ordered.audit
       where repair.event_id is not null
     )
     select newest.entities, newest.remaining, newest.started_at as "startedAt", newest.started_by as "startedBy",
       newest.ended_at as "endedAt",
       (select count(*)::int from ordered) as repaired,
       (select count(*)::int from ordered where status in ('clean', 'legacy')) as clean,
       (select count(*)::int from ordered where status = 'repair_queue' and not audited_since) as "underRepair",
       (select count(*)::int from ordered where status in ('unchecked', 'audit_in_progress') and not audited_since) as "toVerify",
       (select count(*)::int from ordered where status = 'manual_review') as "inReview",
       (select count(*)::int from ordered
        where status in ('unchecked', 'audit_in_progress', 'repair_queue') and audited_since) as "foundAgain",
       (select json_build_object(
          'completed', count(*) filter (where outcome = 'completed'),
          'failed', count(*) filter (where outcome in ('failed', 'superseded', 'withdrawn')),
          'open', count(*) filter (where outcome is null)) from events) as events
     from newest`,
  );
  return rows[0] ?? null;
}
