import { type EntityType, type Project, projects } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';

/**
 * An SQL array of an image's types, in the order of their ids.
 *
 * The view's own order is undefined, but on MusicBrainz' database it comes out by id, so that is what artwork-indexer
 * uploads. The order is seen: Picard names files and pictures after the first type.
 *
 * @param types an SQL expression: the view's `types`
 */
export function typesById({ artType }: Project['tables'], types: string): string {
  return `array(
    select named.name from unnest(${types}) as named(name)
    order by (select min(id) from ${artType} art_type where art_type.name = named.name), named.name collate "C"
  )`;
}

/** The files' suffixes by mime type; the events' archive shares the table. */
export const imageTypeTable = 'cover_art_archive.image_type';

/** How many entities MusicBrainz lists art for. Reads an index of some million rows: seconds. */
export async function countWithArt(q: Queryable, entityType: EntityType): Promise<number> {
  const { art, entityColumn } = projects[entityType].tables;
  const { rows } = await q.query<{ count: number }>(
    `select count(*)::int as count from (select ${entityColumn} from ${art} group by ${entityColumn}) with_art`,
  );
  return rows[0]?.count ?? 0;
}
