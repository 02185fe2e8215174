import type { Config } from '../../config/config.ts';
import type { Database } from '../connection.ts';
import { settleRepairs } from './settle-repairs.ts';
import { countEach } from '../try-each.ts';

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
    const { rows } = await tx.query<{ repair_audit_id: number | null }>(
      `select repair_audit_id from artwork_reconciler.audit_entity
       where id = $1 and status = 'repair_queue'
       for update`,
      [id],
    );
    const [entity] = rows;
    if (!entity) return 0;
    const became = await settleRepairs(tx, { entityId: id, repairAuditId: entity.repair_audit_id }, settings);
    return became === 'waiting' ? 0 : 1;
  });
}
