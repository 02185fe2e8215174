import { priorities } from '../../domain/priorities.ts';
import type { Queryable } from '../connection.ts';
import type { BackfillResult } from './backfill-batch.ts';

/** Where MusicBrainz itself remembers MBIDs that are no entity's any more. */
export const orphanTables = ['release_gid_redirect', 'event_gid_redirect', 'deleted_entity'] as const;
export type OrphanTable = (typeof orphanTables)[number];

export interface OrphanBatch {
  readonly table: OrphanTable;
  /** The last gid looked at; null to begin. */
  readonly afterGid: string | null;
  /** Rows of the table to look at, so that every batch costs about the same. */
  readonly limit: number;
  /** Counts what would be added, and adds nothing. */
  readonly dryRun: boolean;
}

/**
 * Makes audit entities of one batch of merged or deleted MBIDs; of the deleted ones, of releases and events only.
 * Whether one ever had art can't be told any more, so all of them are taken.
 *
 * Stopped anywhere, and started again anywhere, it adds nothing twice. Known ones are left alone.
 */
export async function backfillOrphansBatch(
  q: Queryable,
  batch: OrphanBatch,
): Promise<Omit<BackfillResult, 'nextAfterId'> & { readonly nextAfterGid: string | null }> {
  const { rows } = await q.query<OrphanRow>(batch.dryRun ? countStatement(batch.table) : addStatement(batch.table), [
    batch.afterGid,
    batch.limit,
  ]);
  const { read, last, seen, added } = rows[0] ?? { read: 0, last: null, seen: 0, added: 0 };
  return { nextAfterGid: read < batch.limit ? null : last, seen, added, known: seen - added };
}

interface OrphanRow {
  readonly read: number;
  readonly last: string | null;
  readonly seen: number;
  readonly added: number;
}

const entityTypeOf: Readonly<Record<OrphanTable, string>> = {
  release_gid_redirect: `'release'`,
  event_gid_redirect: `'event'`,
  deleted_entity: `data->>'entity_type'`,
};

function addStatement(table: OrphanTable): string {
  return `
    with ${orphans(table)},
    added as (
      insert into artwork_reconciler.audit_entity (entity_type, gid, priority)
      select entity_type::artwork_indexer.indexable_entity_type, gid, ${priorities.usual} from orphan order by gid
      on conflict (entity_type, gid) do nothing
      returning 1
    )
    select ${counts}, (select count(*) from added)::int as added`;
}

function countStatement(table: OrphanTable): string {
  return `
    with ${orphans(table)}
    select ${counts}, (
      select count(*) from orphan
      left join lateral (
        select entity.id from artwork_reconciler.audit_entity entity
        where entity.entity_type = orphan.entity_type::artwork_indexer.indexable_entity_type and entity.gid = orphan.gid limit 1
      ) known on true
      where known.id is null
    )::int as added`;
}

const counts = `
  (select count(*) from page)::int as read,
  (select gid::text from page order by gid desc limit 1) as last,
  (select count(*) from orphan)::int as seen`;

function orphans(table: OrphanTable): string {
  return `
    page as materialized (
      select gid, ${entityTypeOf[table]} as entity_type from musicbrainz.${table}
      where $1::uuid is null or gid > $1::uuid
      order by gid limit $2
    ),
    orphan as materialized (select gid, entity_type from page where entity_type in ('release', 'event'))`;
}
