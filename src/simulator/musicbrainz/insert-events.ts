import type { Queryable } from '../../database/connection.ts';
import { darkenEntities, insertImages, takeIds } from './insert-images.ts';
import { idAt, insertArtists } from './insert-releases.ts';
import type { EventSpec, PlaceSpec, StoredEntity } from './specs.ts';

/** Adds MusicBrainz events with their performers, places and images. Returns them in order. */
export async function insertEvents(db: Queryable, events: readonly EventSpec[]): Promise<StoredEntity[]> {
  const ids = await takeIds(db, 'musicbrainz.event_id_seq', events.length);
  const rows = events.map((event, index) => ({
    ...event,
    id: ids[index],
    images: undefined,
    performers: undefined,
    places: undefined,
    by: event.begin.year,
    bm: event.begin.month,
    bd: event.begin.day,
    ey: event.end.year,
    em: event.end.month,
    ed: event.end.day,
  }));
  await db.query(
    `insert into musicbrainz.event
       (id, gid, name, type, begin_date_year, begin_date_month, begin_date_day, end_date_year, end_date_month,
        end_date_day, ended, time, cancelled, setlist, comment)
     select r.id, r.gid, r.name, event_type.id, by, bm, bd, ey, em, ed, ey is not null, r.time, r.cancelled, r.setlist,
            r.comment
     from jsonb_to_recordset($1::jsonb) as r (
       id int, gid uuid, name text, type text, by int, bm int, bd int, ey int, em int, ed int, time time,
       cancelled bool, setlist text, comment text
     )
     left join musicbrainz.event_type on event_type.name = r.type
     order by r.id`,
    [JSON.stringify(rows)],
  );
  await insertPerformers(db, events, ids);
  await insertPlaces(db, events, ids);
  await insertImages(
    db,
    'event',
    events.flatMap(({ images }, index) => images.map((image) => ({ entityId: idAt(ids, index), image }))),
  );
  await darkenEntities(
    db,
    'event',
    ids.filter((_, index) => events[index]?.darkened),
  );
  return events.map(({ gid, images }, index) => ({ entityType: 'event', gid, id: idAt(ids, index), images }));
}

async function insertPerformers(db: Queryable, events: readonly EventSpec[], ids: readonly number[]): Promise<void> {
  const artists = await insertArtists(
    db,
    events.flatMap(({ performers }) => performers.map(({ artist }) => artist)),
  );
  const relations = events.flatMap(({ performers }, index) =>
    performers.map(({ artist, role, creditedAs }) => ({
      artist: artists.get(artist.gid),
      event: ids[index],
      role,
      creditedAs,
    })),
  );
  const links = await takeIds(db, 'musicbrainz.link_id_seq', relations.length);
  await db.query(
    `with r as (
       select * from jsonb_to_recordset($1::jsonb)
         as r (link int, artist int, event int, role text, "creditedAs" text)
     ), link as (
       insert into musicbrainz.link (id, link_type)
       select r.link, link_type.id from r
       join musicbrainz.link_type
         on link_type.name = r.role and link_type.entity_type0 = 'artist' and link_type.entity_type1 = 'event'
     )
     insert into musicbrainz.l_artist_event (link, entity0, entity1, entity0_credit)
     select link, artist, event, "creditedAs" from r order by link`,
    [JSON.stringify(relations.map((relation, index) => ({ ...relation, link: links[index] })))],
  );
}

async function insertPlaces(db: Queryable, events: readonly EventSpec[], ids: readonly number[]): Promise<void> {
  const places = new Map<string, PlaceSpec>(events.flatMap((event) => event.places.map((place) => [place.gid, place])));
  await db.query(
    `insert into musicbrainz.place (gid, name, type, address, coordinates)
     select r.gid, r.name, 2, r.address, case when latitude is not null then point(latitude, longitude) end
     from jsonb_to_recordset($1::jsonb)
            as r (gid uuid, name text, address text, latitude float8, longitude float8)
     on conflict (gid) do nothing`,
    [JSON.stringify([...places.values()])],
  );
  const relations = events.flatMap((event, index) => event.places.map(({ gid }) => ({ event: ids[index], gid })));
  const links = await takeIds(db, 'musicbrainz.link_id_seq', relations.length);
  await db.query(
    `with r as (
       select * from jsonb_to_recordset($1::jsonb) as r (link int, event int, gid uuid)
     ), link as (
       insert into musicbrainz.link (id, link_type)
       select r.link, link_type.id from r join musicbrainz.link_type on link_type.name = 'held at'
     )
     insert into musicbrainz.l_event_place (link, entity0, entity1)
     select r.link, r.event, place.id from r join musicbrainz.place using (gid) order by r.link`,
    [JSON.stringify(relations.map((relation, index) => ({ ...relation, link: links[index] })))],
  );
}
