import sql, { raw } from 'sql-template-tag';
import type { Config } from '../../config/config.ts';
import { byEntityType, type EntityKey, type EntityType, projects } from '../../domain/entity.ts';
import { priorities } from '../../domain/priorities.ts';
import { gidsNamed } from '../../domain/queue/indexer-event.ts';
import type { Database, Queryable, Transaction } from '../connection.ts';
import { countEach } from '../database-away.ts';
import { entityTypeLiterals } from '../entity-types.ts';
import { lockEvents, transactionWithRetry } from '../locks.ts';
import { resolveNamed } from '../musicbrainz/entity-kinds.ts';
import { makeUnchecked } from './make-due.ts';
import { settleRepairs } from './settle-repairs.ts';

/**
 * Whether an image was added to an entity within the last days, by the edits that add art. False for a gid that is not
 * live. An edit that failed later counts: its image was uploaded all the same.
 *
 * @param recentDays fractions are allowed
 */
export async function recentlyAdded(q: Queryable, key: EntityKey, recentDays: number): Promise<boolean> {
  const { rows } = await q.query<{ recent: boolean }>(statements[key.entityType], [key.gid, recentDays * 86_400]);
  return rows[0]?.recent ?? false;
}

const statements = byEntityType(statement);

/** Entered by the entity: it has a few dozen edits, while the recent ones of everybody are a million. */
function statement(entityType: EntityType): string {
  const tables = projects[entityType].tables;
  return `
    select exists (
      select from ${tables.editLink} link join musicbrainz.edit on edit.id = link.edit
      where link.${tables.entityColumn} = (select id from ${tables.entity} where gid = $1::uuid)
        and edit.type = ${tables.addArtEditType}
        and edit.open_time > now() - make_interval(secs => $2)
    ) as recent`;
}

interface EndedEvent {
  readonly eventId: number;
  readonly entityType: EntityType;
  /** The gids that the event's message names. */
  readonly gids: readonly string[];
  /** `superseded`: ended because an identical event was queued meanwhile, which does its work. */
  readonly outcome: 'completed' | 'failed' | 'superseded';
}

/**
 * Checks every entity that an ended event concerns, in the transaction that ended it: those its message names, and
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
  for (const entity of known) await inspectEntity(tx, entity, ended, settings);
  const knownGids = new Set(known.map(({ gid }) => gid));
  for (const gid of [...new Set(ended.gids)].filter((each) => !knownGids.has(each)).sort()) {
    await addUnknown(tx, { entityType: ended.entityType, gid }, settings);
  }
}

/** The clock and not `now()`: the event's `last_updated` may be of any moment of this transaction, and must not be later. */
async function recordEnd(tx: Transaction, { eventId, outcome }: EndedEvent): Promise<void> {
  await tx.query(
    `with repair as (
       update artwork_reconciler.audit_repair set outcome = $2, ended_at = clock_timestamp() where event_id = $1
     )
     insert into artwork_reconciler.noticed_event (event_id, noticed_at) values ($1, clock_timestamp())
     on conflict (event_id) do update set noticed_at = excluded.noticed_at`,
    [eventId, outcome],
  );
}

interface ConcernedEntity {
  readonly id: number;
  readonly gid: string;
  readonly status: string;
  readonly dueCause: string | null;
  readonly repairAuditId: number | null;
  readonly auditedRecently: boolean;
}

/** Why a union and not an `or`: the latter reads the whole table. */
async function lockConcerned(tx: Transaction, ended: EndedEvent, recentDays: number): Promise<ConcernedEntity[]> {
  const { rows } = await tx.query<ConcernedEntity>(
    `select id, gid::text, status::text, due_cause as "dueCause", repair_audit_id as "repairAuditId",
            coalesce(last_audit_at > now() - make_interval(secs => $4), false) as "auditedRecently"
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

async function inspectEntity(
  tx: Transaction,
  entity: ConcernedEntity,
  ended: EndedEvent,
  settings: Pick<Config['audit'], 'recentDays' | 'settleMinutes'>,
): Promise<void> {
  const settled = { waitSeconds: settings.settleMinutes * 60, cause: 'event_ended' } as const;
  switch (entity.status) {
    case 'unchecked':
      if (entity.dueCause === 'pending_events') await makeUnchecked(tx, entity.id, { waitSeconds: null, cause: null });
      return;
    case 'clean':
    case 'legacy':
      // What superseded an event does its work, and ends too.
      if (ended.outcome === 'superseded' || !ended.gids.includes(entity.gid)) return;
      return makeUnchecked(tx, entity.id, { ...settled, priority: priorityAfter(ended.outcome, entity) });
    case 'repair_queue':
      await settleRepairs(tx, { entityId: entity.id, repairAuditId: entity.repairAuditId }, settings, ended.eventId);
      return;
    case 'manual_review':
      if (ended.outcome === 'completed') await makeUnchecked(tx, entity.id, settled);
      return;
    default:
      return;
  }
}

/** How soon an entity is audited that was in order before an event of it ended. */
function priorityAfter(outcome: 'completed' | 'failed', { auditedRecently: isRecent }: ConcernedEntity): number {
  if (outcome === 'failed') return priorities.suspicious;
  return isRecent ? priorities.writtenSince : priorities.usual;
}

async function addUnknown(
  tx: Transaction,
  named: EntityKey,
  settings: Pick<Config['audit'], 'recentDays' | 'settleMinutes'>,
): Promise<void> {
  // Anybody may have queued the event, with the wrong kind.
  const { entityType, gid } = await resolveNamed(tx, named);
  await tx.query(adding[entityType], [gid, settings.recentDays * 86_400, settings.settleMinutes * 60]);
}

/** In conflict with a row that was committed since we looked: it is as new as ours would be. */
const adding = byEntityType(
  (entityType) => `
    insert into artwork_reconciler.audit_entity (entity_type, gid, priority, due_at, due_cause)
    select ${entityTypeLiterals[entityType]}, $1::uuid,
      case when recent then ${priorities.recentlyAdded} else ${priorities.usual} end,
      now() + make_interval(secs => $3), 'event_ended'
    from (${statement(entityType)}) as added
    on conflict (entity_type, gid) do nothing`,
);

/**
 * How far back housekeeping looks for ends that it did not receive: long enough for a weekend without it, and short
 * enough to be read every few minutes, all of it by the partial index on `last_updated`. An older end that nobody saw
 * is made up for by the longest wait for pending events, by `settleRepairQueue` and by the re-audits.
 */
const lookBackDays = 3;

/**
 * Does for the events that the other daemon ended (or an operator, with SQL) what `noticeEndedEvent` does for ours.
 *
 * Each event is a transaction of its own, which locks its row: where it was queued again meanwhile, it is left alone.
 *
 * @returns how many ends were noticed
 */
export async function noticeEventsEndedElsewhere(
  db: Database,
  settings: Pick<Config['audit'], 'recentDays' | 'settleMinutes'>,
  what: { readonly limit?: number } = {},
): Promise<number> {
  const { rows } = await db.query<{ id: number }>(
    `select e.id from artwork_indexer.event_queue e
     where e.state in ('completed', 'failed') and e.last_updated > now() - make_interval(days => $1)
       and ${unnoticed}
     order by e.last_updated, e.id
     limit $2`,
    [lookBackDays, what.limit ?? 1_000],
  );
  await forgetOld(db);
  return countEach(rows, ({ id }) => noticeOne(db, id, settings));
}

/**
 * An end noticed before counts only for the attempts up to then: a requeued event ends again. A row that was failed in
 * the hand of one of our workers hasn't ended; its worker's outcome will be noticed.
 */
const unnoticed = `not exists (
  select from artwork_reconciler.noticed_event noticed
  where noticed.event_id = e.id and noticed.noticed_at >= e.last_updated)
  and not exists (select from artwork_reconciler.event_claim claim where claim.event = e.id)`;

interface EndedRow {
  readonly entityType: EntityType;
  readonly action: string;
  readonly message: unknown;
  readonly outcome: EndedEvent['outcome'];
}

async function noticeOne(
  db: Database,
  eventId: number,
  settings: Pick<Config['audit'], 'recentDays' | 'settleMinutes'>,
): Promise<number> {
  return transactionWithRetry(db, async (tx) => {
    // The other daemon fails a row whose twin was queued meanwhile; its work is still going to be done.
    const { rows } = await tx.query<EndedRow>(
      lockEvents(
        sql`select e.entity_type::text as "entityType", e.action::text, e.message,
                case when e.state = 'failed' and exists (
                       select from artwork_indexer.event_queue twin
                       where twin.state = 'queued' and twin.entity_type = e.entity_type
                         and twin.action = e.action and twin.message = e.message) then 'superseded'
                     else e.state::text end as outcome
         from artwork_indexer.event_queue e
         where e.id = ${eventId} and e.state in ('completed', 'failed') and ${raw(unnoticed)}`,
      ),
    );
    const [row] = rows;
    if (!row) return 0;
    const { entityType, outcome } = row;
    await noticeEndedEvent(tx, { eventId, entityType, gids: gidsNamed(row.action, row.message), outcome }, settings);
    return 1;
  });
}

/** What ended before the window opened is not looked for; a day more, for rows at its edge. */
async function forgetOld(db: Database): Promise<void> {
  await db.query(`delete from artwork_reconciler.noticed_event where noticed_at < now() - make_interval(days => $1)`, [
    lookBackDays + 1,
  ]);
}
