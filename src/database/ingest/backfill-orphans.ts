import sql, { raw, type Sql } from 'sql-template-tag';
import { entityTypes } from '../../domain/entity.ts';
import { priorities } from '../../domain/priorities.ts';
import type { Queryable } from '../connection.ts';
import { entityTypeList, entityTypeLiterals } from '../entity-types.ts';

export interface BackfillResult {
  /** Where the next batch begins; null where the table is at its end. */
  readonly nextAfterId: number | null;
  /** Entities that have art, are flagged as having it, or had it: `added + known`. */
  readonly seen: number;
  readonly added: number;
  /** Left alone, whatever their status. */
  readonly known: number;
}

/** Where MusicBrainz itself remembers MBIDs that are no entity's any more. */
export const orphanTables = [
  ...entityTypes.map((entityType) => `${entityType}_gid_redirect` as const),
  'deleted_entity' as const,
] as const;
export type OrphanTable = (typeof orphanTables)[number];

export interface OrphanBatch {
  readonly table: OrphanTable;
  /** The last gid read; null to begin. */
  readonly afterGid: string | null;
  /** Rows of the table to read, so that every batch costs about the same. */
  readonly limit: number;
  /** Counts what would be added, and adds nothing. */
  readonly dryRun: boolean;
}

/**
 * Makes audit entities of one batch of merged or deleted MBIDs; of the deleted ones, of releases and events only.
 * Whether one ever had art is unknown by now, so all of them are taken.
 *
 * Stopped anywhere, and started again anywhere, it adds nothing twice. Known ones are left alone.
 */
export async function backfillOrphansBatch(
  q: Queryable,
  batch: OrphanBatch,
): Promise<Omit<BackfillResult, 'nextAfterId'> & { readonly nextAfterGid: string | null }> {
  const { rows } = await q.query<OrphanRow>(batch.dryRun ? countStatement(batch) : addStatement(batch));
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
  release_gid_redirect: entityTypeLiterals.release,
  event_gid_redirect: entityTypeLiterals.event,
  deleted_entity: `data->>'entity_type'`,
};

function addStatement(batch: OrphanBatch): Sql {
  return sql`
    with ${orphans(batch)},
    added as (
      insert into artwork_reconciler.audit_entity (entity_type, gid, priority)
      select entity_type::artwork_indexer.indexable_entity_type, gid, ${raw(String(priorities.usual))} from orphan order by gid
      on conflict (entity_type, gid) do nothing
      returning 1
    )
    select ${counts}, (select count(*) from added)::int as added`;
}

function countStatement(batch: OrphanBatch): Sql {
  return sql`
    with ${orphans(batch)}
    select ${counts}, (
      select count(*) from orphan
      left join lateral (
        select entity.id from artwork_reconciler.audit_entity entity
        where entity.entity_type = orphan.entity_type::artwork_indexer.indexable_entity_type and entity.gid = orphan.gid limit 1
      ) known on true
      where known.id is null
    )::int as added`;
}

const counts = sql`
  (select count(*) from page)::int as read,
  (select gid::text from page order by gid desc limit 1) as last,
  (select count(*) from orphan)::int as seen`;

function orphans({ table, afterGid, limit }: OrphanBatch): Sql {
  return sql`
    page as materialized (
      select gid, ${raw(entityTypeOf[table])} as entity_type from musicbrainz.${raw(table)}
      where ${afterGid === null ? sql`true` : sql`gid > ${afterGid}::uuid`}
      order by gid limit ${limit}
    ),
    orphan as materialized (select gid, entity_type from page where entity_type in (${raw(entityTypeList)}))`;
}
