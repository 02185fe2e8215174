import type { Queryable } from '../../database/connection.ts';
import { takeIds } from './insert-images.ts';
import type { ArtistSpec, CreditSpec } from './specs.ts';

/** Adds the artists that are not there yet, by gid. Returns the row ids of all of them. */
export async function insertArtists(
  db: Queryable,
  artists: readonly ArtistSpec[],
): Promise<ReadonlyMap<string, number>> {
  const distinct = [...new Map(artists.map((artist) => [artist.gid, artist])).values()];
  await db.query(
    `insert into musicbrainz.artist (gid, name, sort_name, type, area, comment)
     select r.gid, r.name, r."sortName", artist_type.id, iso.area, r.comment
     from jsonb_to_recordset($1::jsonb)
            as r (gid uuid, name text, "sortName" text, type text, country text, comment text, position int)
     left join musicbrainz.artist_type on artist_type.name = r.type
     left join musicbrainz.iso_3166_1 iso on iso.code = r.country
     order by r.position
     on conflict (gid) do nothing`,
    [JSON.stringify(distinct.map((artist, position) => ({ ...artist, position })))],
  );
  const { rows } = await db.query<{ gid: string; id: number }>(
    `select gid, id from musicbrainz.artist where gid = any($1::uuid[])`,
    [distinct.map(({ gid }) => gid)],
  );
  return new Map(rows.map(({ gid, id }) => [gid, id]));
}

/** Adds one artist credit for each list of credits, and the artists that are missing. Returns the row ids, in order. */
export async function insertCredits(db: Queryable, credits: readonly (readonly CreditSpec[])[]): Promise<number[]> {
  const artists = await insertArtists(
    db,
    credits.flat().map(({ artist }) => artist),
  );
  const ids = await takeIds(db, 'musicbrainz.artist_credit_id_seq', credits.length);
  const heads = credits.map((names, index) => ({
    id: ids[index],
    count: names.length,
    name: names.map((credit) => (credit.creditedAs ?? credit.artist.name) + credit.joinPhrase).join(''),
  }));
  await db.query(
    `insert into musicbrainz.artist_credit (id, name, artist_count, ref_count)
     select id, name, count, 1 from jsonb_to_recordset($1::jsonb) as r (id int, name text, count int)`,
    [JSON.stringify(heads)],
  );
  const names = credits.flatMap((list, index) =>
    list.map((credit, position) => ({
      credit: ids[index],
      position,
      artist: artists.get(credit.artist.gid),
      name: credit.creditedAs ?? credit.artist.name,
      join: credit.joinPhrase,
    })),
  );
  await db.query(
    `insert into musicbrainz.artist_credit_name (artist_credit, position, artist, name, join_phrase)
     select credit, position, artist, name, "join"
     from jsonb_to_recordset($1::jsonb) as r (credit int, position int, artist int, name text, "join" text)`,
    [JSON.stringify(names)],
  );
  return ids;
}
