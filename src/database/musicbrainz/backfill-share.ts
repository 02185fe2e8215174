import { type EntityType, entityTypes } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';
import { artTables } from './art-tables.ts';
import { type OrphanTable, orphanTables } from './backfill-orphans.ts';

/** How much of a backfill is done, 0 … 1, roughly; null where the tables are too new to be estimated. */
export async function backfillShare(
  q: Queryable,
  { table, after }: { readonly table: EntityType | OrphanTable; readonly after: number | string | null },
): Promise<number | null> {
  const isEntities = entityTypes.some((entityType) => entityType === table);
  const tables: readonly string[] = isEntities ? entityTypes : orphanTables;
  const names = isEntities
    ? entityTypes.map((type) => artTables[type].entity)
    : orphanTables.map((name) => `musicbrainz.${name}`);
  const { rows } = await q.query<{ rows: number }>(
    `select greatest(reltuples, 0)::float8 as rows
     from unnest($1::text[]) with ordinality as named (name, place) join pg_class on pg_class.oid = named.name::regclass
     order by place`,
    [names],
  );
  const sizes = rows.map((row) => row.rows);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total === 0) return null;
  const place = tables.indexOf(table);
  const before = sizes.slice(0, place).reduce((sum, size) => sum + size, 0);
  const within =
    (sizes[place] ?? 0) * (isEntities ? await shareById(q, names[place] ?? '', Number(after ?? 0)) : shareByGid(after));
  return Math.min(1, (before + within) / total);
}

async function shareById(q: Queryable, table: string, after: number): Promise<number> {
  const { rows } = await q.query<{ last: number | null }>(`select max(id) as last from ${table}`);
  return rows[0]?.last ? Math.min(1, after / rows[0].last) : 0;
}

/** MBIDs are random: their first digits tell where in all of them one is. */
function shareByGid(after: number | string | null): number {
  return after === null ? 0 : Number.parseInt(String(after).slice(0, 8), 16) / 2 ** 32;
}
