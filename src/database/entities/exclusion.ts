import type { EntityKey } from '../../domain/entity.ts';
import type { Operator } from '../operators/recorded.ts';
import type { Queryable, Transaction } from '../connection.ts';
import { clear } from './claims.ts';

/** That an entity is left alone, as people want it. */
export interface Exclusion {
  readonly excludedAt: Date;
  readonly excludedBy: string;
  readonly note: string;
}

/** Why an entity is not audited, as whoever asks for it reads it. */
export function exclusionInWords({ excludedAt, excludedBy, note }: Exclusion): string {
  const day = excludedAt.toISOString().slice(0, 10);
  return `it is excluded since ${day} by ${excludedBy} (${note}): \`entities include\` undoes that`;
}

const columns = `excluded_at as "excludedAt", excluded_by as "excludedBy", note`;

/** Null where it is not excluded. */
export async function readExclusion(q: Queryable, entityId: number): Promise<Exclusion | null> {
  const { rows } = await q.query<Exclusion>(
    `select ${columns} from artwork_reconciler.exclusion where audit_entity_id = $1`,
    [entityId],
  );
  return rows[0] ?? null;
}

/** Of those among these that are excluded, by entity; one statement for all. */
export async function readExclusions(
  q: Queryable,
  gids: readonly string[],
): Promise<(key: EntityKey) => Exclusion | undefined> {
  const { rows } = await q.query<Exclusion & EntityKey>(
    `select entity_type::text as "entityType", gid::text, ${columns}
     from artwork_reconciler.exclusion join artwork_reconciler.audit_entity entity on entity.id = audit_entity_id
     where gid = any ($1::uuid[])`,
    [gids],
  );
  return (key) => rows.find(({ entityType, gid }) => entityType === key.entityType && gid === key.gid);
}

/**
 * Leaves entities alone from now on: out of every hand, with a due time that never comes. An audit in progress decides
 * nothing any more; repairs that are queued are carried out, as MusicBrainz' own events are. Their open reviews are
 * closed: as won't fix, though nothing is remembered of what they found.
 *
 * The caller holds the rows' locks.
 */
export async function excludeEntities(
  tx: Transaction,
  ids: readonly number[],
  { actor, note }: Operator,
): Promise<void> {
  await tx.query(
    `with excluded as (
       insert into artwork_reconciler.exclusion (audit_entity_id, excluded_by, note)
       select id, $2, $3 from unnest($1::bigint[]) as id
       on conflict (audit_entity_id) do nothing
     ),
     closed as (
       update artwork_reconciler.needs_manual_review
       set status = 'wont_fix', resolution_notes = 'excluded: ' || $3, resolved_at = now(), resolved_by = $2,
           updated_at = now()
       where audit_entity_id = any ($1::bigint[]) and status = 'open'
     )
     update artwork_reconciler.audit_entity
     set status = 'unchecked', due_at = '9999-12-31T00:00:00Z', due_cause = 'excluded',
         ${clear('claim', 'waiting', 'repairs', 'returns', 'discards')}
     where id = any ($1::bigint[])`,
    [ids, actor, note ?? ''],
  );
}

/** Has excluded entities audited again: they are due now. The caller holds the rows' locks. */
export async function includeEntities(tx: Transaction, ids: readonly number[]): Promise<void> {
  await tx.query(
    `with included as (delete from artwork_reconciler.exclusion where audit_entity_id = any ($1::bigint[]))
     update artwork_reconciler.audit_entity set ${clear('due')}
     where id = any ($1::bigint[]) and status = 'unchecked' and due_cause = 'excluded'`,
    [ids],
  );
}

/** Leaves entities alone again, as rows of a bulk action say that they were. The caller holds the rows' locks. */
export async function putExclusionsBack(
  tx: Transaction,
  bulkAction: string | null,
  ids: readonly number[],
): Promise<void> {
  const { rows } = await tx.query<{ id: number; excludedBy: string; note: string }>(
    `select target as id, before->>'excluded_by' as "excludedBy", coalesce(before->>'excluded_note', '') as note
     from artwork_reconciler.bulk_action_row where bulk_action = $1 and target = any ($2::bigint[]) order by target`,
    [bulkAction, ids],
  );
  for (const { id, excludedBy, note } of rows) await excludeEntities(tx, [id], { actor: excludedBy, note });
}
