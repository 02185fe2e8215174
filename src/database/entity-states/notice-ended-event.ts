import type { Config } from '../../config/config.ts';
import type { EntityKey, EntityType } from '../../domain/entity.ts';
import { priorities } from '../../domain/priorities.ts';
import type { Transaction } from '../connection.ts';
import { resolveNamed } from '../musicbrainz/entity-kinds.ts';
import { recentlyAdded } from '../musicbrainz/recently-added.ts';
import { makeUnchecked } from './make-unchecked.ts';
import { settleRepairs } from './settle-repairs.ts';

export interface EndedEvent {
  readonly eventId: number;
  readonly entityType: EntityType;
  /** The gids that the event's message names. */
  readonly gids: readonly string[];
  /** `superseded`: ended because an identical event was queued meanwhile, which does its work. */
  readonly outcome: 'completed' | 'failed' | 'superseded';
}

/**
 * Looks at every entity that an ended event concerns, in the transaction that ended it: those its message names, and
 * those whose audit ordered it as a repair (a copy to the owner's item is ordered by the audit of another entity).
 * Call it after the event's own row was changed. Calling it twice for the same end changes nothing the second time.
 *
 * Rules: design page life-cycles.md, "From the queue" and the ways out of `unchecked` (waiting for pending events),
 * `repair_queue` and `manual_review`.
 *
 * Why one row after the other under a lock: of two events of an entity that end at the same time, each transaction
 * would see the other's event still running, and nobody would settle the entity. Rows are locked in the order of their
 * ids, so that two events that name the same two entities don't wait for each other.
 */
export async function noticeEndedEvent(
  tx: Transaction,
  ended: EndedEvent,
  settings: Pick<Config['audit'], 'recentDays' | 'settleMinutes'>,
): Promise<void> {
  const known = await lockConcerned(tx, ended, settings.recentDays);
  // After the lock, so that an order for this event which was committed while we waited for it has its outcome too.
  await recordEnd(tx, ended);
  for (const entity of known) await lookAt(tx, entity, ended, settings);
  const knownGids = new Set(known.map(({ gid }) => gid));
  for (const gid of [...new Set(ended.gids)].filter((each) => !knownGids.has(each)).sort()) {
    await addUnknown(tx, { entityType: ended.entityType, gid }, settings);
  }
}

/** The clock and not `now()`: the event's `last_updated` may be of any moment of this transaction, and must not be later. */
async function recordEnd(tx: Transaction, { eventId, outcome }: EndedEvent): Promise<void> {
  await tx.query(
    `update artwork_reconciler.audit_repair set outcome = $2, ended_at = clock_timestamp() where event_id = $1`,
    [eventId, outcome],
  );
  await tx.query(
    `insert into artwork_reconciler.noticed_event (event_id, noticed_at) values ($1, clock_timestamp())
     on conflict (event_id) do update set noticed_at = excluded.noticed_at`,
    [eventId],
  );
}

interface ConcernedEntity {
  readonly id: number;
  readonly gid: string;
  readonly status: string;
  readonly due_cause: string | null;
  readonly repair_audit_id: number | null;
  readonly audited_recently: boolean;
}

/** Why a union and not an `or`: the latter reads the whole table. */
async function lockConcerned(tx: Transaction, ended: EndedEvent, recentDays: number): Promise<ConcernedEntity[]> {
  const { rows } = await tx.query<ConcernedEntity>(
    `select id, gid::text, status::text, due_cause, repair_audit_id,
            coalesce(last_audit_at > now() - make_interval(secs => $4), false) as audited_recently
     from artwork_reconciler.audit_entity
     where id in (select id from artwork_reconciler.audit_entity
                  where entity_type = $1 and gid = any ($2::uuid[])
                  union
                  select audit.audit_entity_id
                  from artwork_reconciler.audit_repair repair
                  join artwork_reconciler.audit on audit.id = repair.audit_id
                  where repair.event_id = $3)
     order by id
     for update`,
    [ended.entityType, ended.gids, ended.eventId, recentDays * 86_400],
  );
  return rows;
}

async function lookAt(
  tx: Transaction,
  entity: ConcernedEntity,
  ended: EndedEvent,
  settings: Pick<Config['audit'], 'recentDays' | 'settleMinutes'>,
): Promise<void> {
  const settled = { waitSeconds: settings.settleMinutes * 60, cause: 'event_ended' } as const;
  switch (entity.status) {
    case 'unchecked':
      if (entity.due_cause === 'pending_events') await makeUnchecked(tx, entity.id, { waitSeconds: null, cause: null });
      return;
    case 'clean':
    case 'legacy':
      // What superseded an event does its work, and ends too.
      if (ended.outcome === 'superseded' || !ended.gids.includes(entity.gid)) return;
      return makeUnchecked(tx, entity.id, { ...settled, priority: priorityAfter(ended.outcome, entity) });
    case 'repair_queue':
      await settleRepairs(tx, { entityId: entity.id, repairAuditId: entity.repair_audit_id }, settings, ended.eventId);
      return;
    case 'manual_review':
      if (ended.outcome === 'completed') await makeUnchecked(tx, entity.id, settled);
      return;
    default:
      return;
  }
}

/** How soon an entity is looked at that was in order before an event of it ended. */
function priorityAfter(outcome: 'completed' | 'failed', { audited_recently: isRecent }: ConcernedEntity): number {
  if (outcome === 'failed') return priorities.suspicious;
  return isRecent ? priorities.writtenSince : priorities.usual;
}

async function priorityOfNew(
  tx: Transaction,
  key: { readonly entityType: EntityType; readonly gid: string },
  recentDays: number,
): Promise<number> {
  return (await recentlyAdded(tx, key, recentDays)) ? priorities.recentlyAdded : priorities.usual;
}

async function addUnknown(
  tx: Transaction,
  named: EntityKey,
  settings: Pick<Config['audit'], 'recentDays' | 'settleMinutes'>,
): Promise<void> {
  // Anybody may have queued the event, with the wrong kind.
  const { entityType, gid } = await resolveNamed(tx, named);
  const priority = await priorityOfNew(tx, { entityType, gid }, settings.recentDays);
  // In conflict with a row that was committed since we looked: it is as new as ours would be.
  await tx.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid, priority, due_at, due_cause)
     values ($1, $2, $3, now() + make_interval(secs => $4), 'event_ended')
     on conflict (entity_type, gid) do nothing`,
    [entityType, gid, priority, settings.settleMinutes * 60],
  );
}
