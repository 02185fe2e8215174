import { type EntityType, entityTypes, type Project, projects } from '../../domain/entity.ts';
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

const arts = entityTypes.map((entityType) => projects[entityType].tables.art);

/** What is wrong on a replica, and what to do; the beginning of a line that says what happens now. */
export const replicaInWords =
  'musicbrainz.edit is empty though art is listed, as on a replicated mirror: every image would be expected to be ' +
  'unapproved. Use the database of MusicBrainz itself';

/**
 * Whether this is a replicated mirror of MusicBrainz. These have no edits (they are not part of the replication packets),
 * so `index_listing.approved` is false for every image, and every index.json would be found wrong.
 *
 * @returns false, too, where no art is listed, or MusicBrainz' tables are missing: then nothing is judged wrongly
 */
export async function isReplica(q: Queryable): Promise<boolean> {
  const { rows: tables } = await q.query<{ missing: boolean }>(
    `select bool_or(to_regclass(name) is null) as missing
     from unnest($1::text[]) as wanted(name)`,
    [['musicbrainz.edit', ...arts]],
  );
  if (tables[0]?.missing !== false) return false;
  const { rows } = await q.query<{ replica: boolean }>(
    `select not exists (select from musicbrainz.edit)
            and (${arts.map((art) => `exists (select from ${art})`).join(' or ')}) as replica`,
  );
  return rows[0]?.replica === true;
}
