import { entityTypes, projects } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';

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
