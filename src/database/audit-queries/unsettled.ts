import type { EntityKey, EntityType } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';
import type { AuditStatus } from './count-by-status.ts';

export interface UnsettledEntity extends EntityKey {
  readonly entityId: number;
  readonly status: AuditStatus;
  readonly dueAt: Date | null;
  /** Why it waits, where it waits; else null. */
  readonly dueCause: string | null;
  /** Of the latest audit that was given back, if that was the last thing that happened to it. */
  readonly lastReason: string | null;
}

/** Everything that has not reached a final status: neither clean nor legacy nor waiting for a person. */
export async function unsettledEntities(
  q: Queryable,
  what: { readonly limit: number },
): Promise<readonly UnsettledEntity[]> {
  const { rows } = await q.query<{
    id: number;
    entity_type: EntityType;
    gid: string;
    status: AuditStatus;
    due_at: Date | null;
    due_cause: string | null;
    last_reason: string | null;
  }>(
    `select id, entity_type::text, gid::text, status::text, due_at, due_cause,
            (select reason from artwork_reconciler.audit
             where audit_entity_id = entity.id order by audit.id desc limit 1) as last_reason
     from artwork_reconciler.audit_entity entity
     where status in ('unchecked', 'audit_in_progress', 'repair_queue')
     order by id
     limit $1`,
    [what.limit],
  );
  return rows.map((row) => ({
    entityId: row.id,
    entityType: row.entity_type,
    gid: row.gid,
    status: row.status,
    dueAt: row.due_at,
    dueCause: row.due_cause,
    lastReason: row.last_reason,
  }));
}
