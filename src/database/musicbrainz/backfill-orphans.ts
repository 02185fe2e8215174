import { entityTypes, type EntityType } from '../../domain/entity.ts';
import type { Database } from '../connection.ts';
import { priorities } from '../entity-states/priorities.ts';
import { artTables } from './art-tables.ts';

/** The tables in which MusicBrainz keeps the gids that are no entity's any more. */
export const orphanTables = ['release_gid_redirect', 'event_gid_redirect', 'deleted_entity'] as const;
export type OrphanTable = (typeof orphanTables)[number];

export interface OrphanBatch {
  readonly table: OrphanTable;
  /** The last gid looked at; null to begin. */
  readonly afterGid: string | null;
  /** Rows to look at, of whatever kind of entity. */
  readonly limit: number;
  /** Counts what would be added, and adds nothing. */
  readonly dryRun: boolean;
}

export interface OrphanResult {
  /** Where the next batch begins; null where the table is at its end. */
  readonly nextAfterGid: string | null;
  /** Gids of merged or deleted releases and events: `added + known`. */
  readonly seen: number;
  readonly added: number;
  /** Left alone, whatever their status. */
  readonly known: number;
}

/**
 * Makes audit entities of one batch of the MBIDs that were merged or deleted: nothing of theirs should be left in public
 * at the archive, and MusicBrainz is the only one that can list them. Stopped and repeated anywhere, it adds nothing twice.
 */
export async function backfillOrphansBatch(db: Database, batch: OrphanBatch): Promise<OrphanResult> {
  const { rows } = await db.query<{ last: string | null; count: number; seen: number; added: number }>(
    statement(batch.table, batch.dryRun),
    [batch.afterGid, batch.limit],
  );
  const { last, count, seen, added } = rows[0] ?? { last: null, count: 0, seen: 0, added: 0 };
  return { nextAfterGid: count < batch.limit ? null : last, seen, added, known: seen - added };
}

const gids: Readonly<Record<OrphanTable, string>> = {
  release_gid_redirect: `select gid, 'release' as entity_type from ${artTables.release.redirect}`,
  event_gid_redirect: `select gid, 'event' as entity_type from ${artTables.event.redirect}`,
  deleted_entity: `select gid, data->>'entity_type' as entity_type from musicbrainz.deleted_entity`,
};

/** The kinds of `deleted_entity` that have art. */
const kinds = entityTypes.map((kind: EntityType) => `'${kind}'`).join(', ');

function statement(table: OrphanTable, dryRun: boolean): string {
  return `
    with page as materialized (
      select gid, entity_type from (${gids[table]}) listed
      where $1::uuid is null or gid > $1::uuid
      order by gid limit $2
    ),
    orphan as (
      select gid, entity_type::artwork_indexer.indexable_entity_type as entity_type
      from page where entity_type in (${kinds})
    ),
    added as (${dryRun ? countNew : addNew})
    select
      (select gid::text from page order by gid desc limit 1) as last,
      (select count(*) from page)::int as count,
      (select count(*) from orphan)::int as seen,
      (select count(*) from added)::int as added`;
}

const addNew = `
  insert into artwork_reconciler.audit_entity (entity_type, gid, priority)
  select entity_type, gid, ${priorities.usual} from orphan
  on conflict (entity_type, gid) do nothing
  returning 1`;

const countNew = `
  select 1 from orphan
  where not exists (
    select from artwork_reconciler.audit_entity known
    where known.entity_type = orphan.entity_type and known.gid = orphan.gid
  )`;
