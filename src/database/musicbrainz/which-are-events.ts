import type { Queryable } from '../connection.ts';

/**
 * Which of some MBIDs are events', now or once (merged, deleted). For lists that don't tell: an item's name is the same
 * for releases and events. What MusicBrainz doesn't know is not among them (interface page: it counts as a release's).
 */
export async function whichAreEvents(q: Queryable, gids: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await q.query<{ gid: string }>(
    `with listed as materialized (select unnest($1::uuid[]) as gid)
     select gid::text from listed where exists (select from musicbrainz.event where event.gid = listed.gid)
     union
     select gid::text from listed
     where exists (select from musicbrainz.event_gid_redirect redirect where redirect.gid = listed.gid)
     union
     select gid::text from listed
     where exists (
       select from musicbrainz.deleted_entity deleted
       where deleted.gid = listed.gid and deleted.data->>'entity_type' = 'event'
     )`,
    [gids],
  );
  return new Set(rows.map(({ gid }) => gid));
}
