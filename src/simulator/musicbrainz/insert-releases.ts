import type { Queryable } from '../../database/connection.ts';
import { darkenEntities, insertImages, takeIds } from './insert-images.ts';
import type { ArtistSpec, CreditSpec, ReleaseSpec, StoredEntity } from './specs.ts';

/** Adds releases with their artists, dates and images: a few statements for all of them. Returns them in order. */
export async function insertReleases(db: Queryable, releases: readonly ReleaseSpec[]): Promise<StoredEntity[]> {
  const ids = await takeIds(db, 'musicbrainz.release_id_seq', releases.length);
  const credits = await insertCredits(
    db,
    releases.map((release) => release.credits),
  );
  const rows = releases.map((release, index) => ({
    ...release,
    id: ids[index],
    credit: credits[index],
    images: undefined,
    credits: undefined,
  }));
  const values = [JSON.stringify(rows)];
  // The group's gid is made of the release's, so that the same releases always have the same groups.
  await db.query(
    `with r as (
       select * from jsonb_to_recordset($1::jsonb) as r (
         id int, gid uuid, name text, credit int, status text, packaging text, language text, script text,
         barcode text, comment text, quality int
       )
     ), release_group as (
       insert into musicbrainz.release_group (gid, name, artist_credit)
       select md5('release group of ' || gid)::uuid, name, credit from r order by id
       returning id, gid
     )
     insert into musicbrainz.release
       (id, gid, name, artist_credit, release_group, status, packaging, language, script, barcode, comment, quality)
     select r.id, r.gid, r.name, r.credit, release_group.id, status.id, packaging.id, language.id, script.id,
            r.barcode, r.comment, r.quality
     from r
     join release_group on release_group.gid = md5('release group of ' || r.gid)::uuid
     left join musicbrainz.release_status status on status.name = r.status
     left join musicbrainz.release_packaging packaging on packaging.name = r.packaging
     left join musicbrainz.language on language.iso_code_3 = r.language
     left join musicbrainz.script on script.iso_code = r.script
     order by r.id`,
    values,
  );
  await db.query(
    `update musicbrainz.release_meta meta set amazon_asin = r.asin
     from jsonb_to_recordset($1::jsonb) as r (id int, asin text)
     where meta.id = r.id and r.asin is not null`,
    values,
  );
  await insertDates(db, releases, ids);
  await insertImages(
    db,
    'release',
    releases.flatMap(({ images }, index) => images.map((image) => ({ entityId: idAt(ids, index), image }))),
  );
  await darkenEntities(
    db,
    'release',
    ids.filter((_, index) => releases[index]?.darkened),
  );
  return releases.map(({ gid, images }, index) => ({ entityType: 'release', gid, id: idAt(ids, index), images }));
}

async function insertDates(db: Queryable, releases: readonly ReleaseSpec[], ids: readonly number[]): Promise<void> {
  const dates = releases.flatMap((release, index) => release.dates.map((date) => ({ ...date, release: ids[index] })));
  const values = [JSON.stringify(dates)];
  const columns = 'as r (release int, country text, year int, month int, day int)';
  await db.query(
    `insert into musicbrainz.release_country (release, country, date_year, date_month, date_day)
     select release, iso.area, year, month, day
     from jsonb_to_recordset($1::jsonb) ${columns}
     join musicbrainz.iso_3166_1 iso on iso.code = r.country`,
    values,
  );
  await db.query(
    `insert into musicbrainz.release_unknown_country (release, date_year, date_month, date_day)
     select release, year, month, day from jsonb_to_recordset($1::jsonb) ${columns} where r.country is null`,
    values,
  );
}

/** The id at a place that was just made for it. */
export function idAt(ids: readonly number[], index: number): number {
  const id = ids[index];
  if (id === undefined) throw new RangeError(`no id at ${index} of ${ids.length}`);
  return id;
}

/**
 * Adds the artists that are not there yet, by gid. Returns the row ids of all of them. MusicBrainz wants those of one name
 * told apart by their comments: from the second on they are numbered there.
 */
export async function insertArtists(
  db: Queryable,
  artists: readonly ArtistSpec[],
): Promise<ReadonlyMap<string, number>> {
  const distinct = [...new Map(artists.map((artist) => [artist.gid, artist])).values()];
  await db.query(
    `with r as (
       select given.*, row_number() over (partition by name order by position) + coalesce(known, 0) as number
       from jsonb_to_recordset($1::jsonb)
              as given (gid uuid, name text, "sortName" text, type text, country text, comment text, position int)
       left join (
         select name, count(*) as known from musicbrainz.artist where name = any($2::text[]) group by name
       ) artist using (name)
       where gid not in (select gid from musicbrainz.artist where gid = any($3::uuid[]))
     )
     insert into musicbrainz.artist (gid, name, sort_name, type, area, comment)
     select r.gid, r.name, r."sortName", artist_type.id, iso.area,
            case number when 1 then r.comment else ltrim(r.comment || ' ' || number) end
     from r
     left join musicbrainz.artist_type on artist_type.name = r.type
     left join musicbrainz.iso_3166_1 iso on iso.code = r.country
     order by r.position
     on conflict (gid) do nothing`,
    [
      JSON.stringify(distinct.map((artist, position) => ({ ...artist, position }))),
      distinct.map(({ name }) => name),
      distinct.map(({ gid }) => gid),
    ],
  );
  const { rows } = await db.query<{ gid: string; id: number }>(
    `select gid, id from musicbrainz.artist where gid = any($1::uuid[])`,
    [distinct.map(({ gid }) => gid)],
  );
  return new Map(rows.map(({ gid, id }) => [gid, id]));
}

/** Adds one artist credit for each list of credits, and the artists that are missing. Returns the row ids, in order. */
async function insertCredits(db: Queryable, credits: readonly (readonly CreditSpec[])[]): Promise<number[]> {
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
    `insert into musicbrainz.artist_credit (id, gid, name, artist_count, ref_count)
     select id, md5('artist credit ' || id)::uuid, name, count, 1 from jsonb_to_recordset($1::jsonb) as r (id int, name text, count int)`,
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
