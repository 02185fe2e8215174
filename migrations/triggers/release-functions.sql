-- What the triggers of the Cover Art Archive do (functions), as artwork-indexer's do; see queue.sql for how.
-- Each runs with its owner's rights: whoever edits in MusicBrainz needs none on the queue. Hence the fixed search_path.

-- What a statement changed is looked at once it has: the deletions of a thousand images of one entity are then appended
-- to its `index` once, not one by one.

create or replace function artwork_reconciler.trigger_cover_art_inserted() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  gids constant uuid[] := array(
    select distinct entity.gid from new_rows art join musicbrainz.release entity on entity.id = art.release
    order by entity.gid
  );
  gid uuid;
begin
  foreach gid in array gids loop
    perform artwork_reconciler.trigger_drop_queued('release', 'deindex', gid);
  end loop;
  perform artwork_reconciler.trigger_queue_index('release', gids, '{}');
  return null;
end
$$;

create or replace function artwork_reconciler.trigger_cover_art_updated() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  moved record;
  event bigint;
  entities uuid[] := '{}';
  afters bigint[] := '{}';
begin
  perform artwork_reconciler.trigger_queue_index('release', array(
    select entity.gid
    from old_rows before join new_rows art using (id) join musicbrainz.release entity on entity.id = art.release
    where before.release = art.release
  ), '{}');
  -- Moved: one entity is merged into another.
  for moved in
    select art.id, image_type.suffix, source.gid as from_gid, target.gid as to_gid
    from old_rows before
    join new_rows art using (id)
    join musicbrainz.release source on source.id = before.release
    join musicbrainz.release target on target.id = art.release
    left join cover_art_archive.image_type on image_type.mime_type = before.mime_type
    where before.release <> art.release
    order by source.gid, art.ordering, art.id
  loop
    foreach event in array
      artwork_reconciler.trigger_queue_image('release', moved.id, moved.suffix, moved.from_gid, moved.to_gid)
    loop
      entities := entities || array[moved.from_gid, moved.to_gid];
      afters := afters || array[event, event];
    end loop;
  end loop;
  perform artwork_reconciler.trigger_queue_documents('release', entities, afters, array(
    select entity.gid from musicbrainz.release entity
    where entity.gid = any (entities)
      and exists (select from cover_art_archive.cover_art art where art.release = entity.id)
  ));
  return null;
end
$$;

-- Of images that go with their release nothing is found any more: that has been seen to.
create or replace function artwork_reconciler.trigger_cover_art_deleted() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  gone record;
  event bigint;
  entities uuid[] := '{}';
  afters bigint[] := '{}';
begin
  for gone in
    select art.id, image_type.suffix, entity.gid
    from old_rows art
    join musicbrainz.release entity on entity.id = art.release
    left join cover_art_archive.image_type using (mime_type)
    order by entity.gid, art.ordering, art.id
  loop
    foreach event in array
      artwork_reconciler.trigger_queue_image('release', gone.id, gone.suffix, gone.gid, null)
    loop
      entities := entities || gone.gid;
      afters := afters || event;
    end loop;
  end loop;
  perform artwork_reconciler.trigger_queue_documents('release', entities, afters, entities);
  return null;
end
$$;

-- Of types that go with their image nothing is found any more.
create or replace function artwork_reconciler.trigger_cover_art_type_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform artwork_reconciler.trigger_queue_index('release', array(
    select entity.gid
    from changed_rows typed
    join cover_art_archive.cover_art art using (id)
    join musicbrainz.release entity on entity.id = art.release
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
    where art.release = old.id order by art.ordering, art.id
  loop
    perform artwork_reconciler.trigger_queue_image('release', image.id, image.suffix, old.gid, null);
  end loop;
  if found then
    perform artwork_reconciler.trigger_queue_deindex('release', old.gid, '{}');
  end if;
  return old;
end
$$;

-- Conditions stand in the functions, not in WHEN of the triggers: PostgreSQL then doesn't tie the triggers to columns, and
-- MusicBrainz can change its columns' types, or drop them, without asking for ours.

-- Queues the `index` of a release that has art, by its row id.
create or replace function artwork_reconciler.trigger_queue_release(release_id integer) returns void language sql as $$
  select artwork_reconciler.trigger_queue_index('release', array(
    select release.gid from musicbrainz.release
    where release.id = release_id
      and exists (select from cover_art_archive.cover_art art where art.release = release.id)
  ), '{}')
$$;

-- A new name or sort name; thousands of releases at once.
create or replace function artwork_reconciler.trigger_artist_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if (old.name, old.sort_name) is distinct from (new.name, new.sort_name) then
    perform artwork_reconciler.trigger_queue_index('release', array(
      select release.gid
      from musicbrainz.artist_credit_name credited
      join musicbrainz.release on release.artist_credit = credited.artist_credit
      where credited.artist = new.id
        and exists (select from cover_art_archive.cover_art art where art.release = release.id)
    ), '{}');
  end if;
  return null;
end
$$;

create or replace function artwork_reconciler.trigger_release_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if (old.name, old.artist_credit, old.language, old.barcode)
    is distinct from (new.name, new.artist_credit, new.language, new.barcode)
  then
    perform artwork_reconciler.trigger_queue_release(new.id);
  end if;
  return null;
end
$$;

create or replace function artwork_reconciler.trigger_release_meta_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if old.amazon_asin is distinct from new.amazon_asin then
    perform artwork_reconciler.trigger_queue_release(new.id);
  end if;
  return null;
end
$$;

create or replace function artwork_reconciler.trigger_first_release_date_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform artwork_reconciler.trigger_queue_release(case tg_op when 'DELETE' then old.release else new.release end);
  return null;
end
$$;
