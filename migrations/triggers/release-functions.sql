-- What the triggers of the Cover Art Archive do (functions), as artwork-indexer's do; see queue.sql for how.
-- Each runs with its owner's rights: whoever edits in MusicBrainz needs none on the queue. Hence the fixed search_path.

create or replace function artwork_reconciler.trigger_cover_art_inserted() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  entity uuid := (select gid from musicbrainz.release where id = new.release);
begin
  perform artwork_reconciler.trigger_drop_queued('release', 'deindex', entity);
  perform artwork_reconciler.trigger_queue_index('release', array[entity], '{}');
  return null;
end
$$;

-- Before the row changes, so that of several that leave together each sees which have left already.
create or replace function artwork_reconciler.trigger_cover_art_updated() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  from_gid uuid := (select gid from musicbrainz.release where id = old.release);
begin
  if new.release = old.release then
    perform artwork_reconciler.trigger_queue_index('release', array[from_gid], '{}');
  else
    perform artwork_reconciler.trigger_image_moved('release', old.id,
      (select suffix from cover_art_archive.image_type where mime_type = old.mime_type),
      from_gid, (select gid from musicbrainz.release where id = new.release),
      exists (select from cover_art_archive.cover_art where release = old.release and id <> old.id));
  end if;
  return new;
end
$$;

create or replace function artwork_reconciler.trigger_cover_art_deleted() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  entity uuid := (select gid from musicbrainz.release where id = old.release);
begin
  -- Gone with its release: that has been seen to.
  if entity is not null then
    perform artwork_reconciler.trigger_queue_index('release', array[entity],
      artwork_reconciler.trigger_queue_image('release', old.id,
        (select suffix from cover_art_archive.image_type where mime_type = old.mime_type), entity, null));
  end if;
  return null;
end
$$;

-- Of a row that goes with its image nothing is found any more.
create or replace function artwork_reconciler.trigger_cover_art_type_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  image bigint := case tg_op when 'DELETE' then old.id else new.id end;
begin
  perform artwork_reconciler.trigger_queue_index('release', array(
    select entity.gid from musicbrainz.release entity join cover_art_archive.cover_art art on art.release = entity.id
    where art.id = image
  ), '{}');
  return null;
end
$$;

-- Before the row goes, and its images with it.
create or replace function artwork_reconciler.trigger_release_deleted() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  image record;
begin
  for image in
    select art.id, image_type.suffix
    from cover_art_archive.cover_art art join cover_art_archive.image_type using (mime_type)
    where art.release = old.id order by art.id
  loop
    perform artwork_reconciler.trigger_queue_image('release', image.id, image.suffix, old.gid, null);
  end loop;
  if found then
    perform artwork_reconciler.trigger_queue_deindex('release', old.gid, '{}');
  end if;
  return old;
end
$$;

-- A new name or sort name; thousands of releases at once.
create or replace function artwork_reconciler.trigger_artist_updated() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform artwork_reconciler.trigger_queue_index('release', array(
    select release.gid
    from musicbrainz.artist_credit_name credited
    join musicbrainz.release on release.artist_credit = credited.artist_credit
    where credited.artist = new.id
      and exists (select from cover_art_archive.cover_art art where art.release = release.id)
  ), '{}');
  return null;
end
$$;

-- What the web service says of a release, by its row id.
create or replace function artwork_reconciler.trigger_release_updated() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform artwork_reconciler.trigger_queue_index('release', array(
    select release.gid from musicbrainz.release
    where release.id = new.id
      and exists (select from cover_art_archive.cover_art art where art.release = release.id)
  ), '{}');
  return null;
end
$$;

create or replace function artwork_reconciler.trigger_first_release_date_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  release_id integer := case tg_op when 'DELETE' then old.release else new.release end;
begin
  perform artwork_reconciler.trigger_queue_index('release', array(
    select release.gid from musicbrainz.release
    where release.id = release_id
      and exists (select from cover_art_archive.cover_art art where art.release = release.id)
  ), '{}');
  return null;
end
$$;
