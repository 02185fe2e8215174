import { type EntityKey, type EntityType, entityTypes } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';

/** What people call an entity. Anybody may have written it: texts of any kind and length. */
export interface EntityName {
  readonly name: string;
  /** Whose it is, for releases. */
  readonly artist: string | null;
}

/** The names of those entities that MusicBrainz has, by gid. */
export async function readEntityNames(
  q: Queryable,
  keys: readonly EntityKey[],
): Promise<ReadonlyMap<string, EntityName>> {
  const names = new Map<string, EntityName>();
  for (const entityType of entityTypes) {
    const gids = keys.filter((key) => key.entityType === entityType).map(({ gid }) => gid);
    if (gids.length === 0) continue;
    const { rows } = await q.query<EntityName & { readonly gid: string }>(statements[entityType], [gids]);
    for (const { gid, name, artist } of rows) names.set(gid, { name, artist });
  }
  return names;
}

const statements: Readonly<Record<EntityType, string>> = {
  release: `
    select release.gid::text, release.name, credit.name as artist
    from musicbrainz.release
    left join musicbrainz.artist_credit credit on credit.id = release.artist_credit
    where release.gid = any ($1::uuid[])`,
  event: `select gid::text, name, null::text as artist from musicbrainz.event where gid = any ($1::uuid[])`,
};
