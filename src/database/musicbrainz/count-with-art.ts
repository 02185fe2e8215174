import type { EntityType } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';
import { artTables } from './art-tables.ts';

/** How many entities MusicBrainz lists art for. Reads an index of some million rows: seconds. */
export async function countWithArt(q: Queryable, entityType: EntityType): Promise<number> {
  const { art, entityColumn } = artTables[entityType];
  const { rows } = await q.query<{ count: number }>(
    `select count(*)::int as count from (select ${entityColumn} from ${art} group by ${entityColumn}) with_art`,
  );
  return rows[0]?.count ?? 0;
}
