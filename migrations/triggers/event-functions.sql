-- What the triggers of the Event Art Archive do (functions), as artwork-indexer's do; see queue.sql for how.
-- Each runs with its owner's rights: whoever edits in MusicBrainz needs none on the queue. Hence the fixed search_path.

-- What a statement changed is looked at once it has: the deletions of a thousand images of one entity are then appended
-- to its `index` once, not one by one.

create or replace function artwork_reconciler.trigger_event_art_inserted() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  gids constant uuid[] := array(
    select distinct entity.gid from new_rows art join musicbrainz.event entity on entity.id = art.event
    order by entity.gid
  );
  gid uuid;
begin
  foreach gid in array gids loop
    perform artwork_reconciler.trigger_drop_queued('event', 'deindex', gid);
  end loop;
  perform artwork_reconciler.trigger_queue_index('event', gids, '{}');
  return null;
end
$$;

create or replace function artwork_reconciler.trigger_event_art_updated() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  moved record;
  event bigint;
  entities uuid[] := '{}';
  afters bigint[] := '{}';
begin
  perform artwork_reconciler.trigger_queue_index('event', array(
    select entity.gid
    from old_rows before join new_rows art using (id) join musicbrainz.event entity on entity.id = art.event
    where before.event = art.event
  ), '{}');
  -- Moved: one entity is merged into another.
  for moved in
    select art.id, image_type.suffix, source.gid as from_gid, target.gid as to_gid
    from old_rows before
    join new_rows art using (id)
    join musicbrainz.event source on source.id = before.event
    join musicbrainz.event target on target.id = art.event
    left join cover_art_archive.image_type on image_type.mime_type = before.mime_type
    where before.event <> art.event
    order by source.gid, art.ordering, art.id
  loop
    foreach event in array
      artwork_reconciler.trigger_queue_image('event', moved.id, moved.suffix, moved.from_gid, moved.to_gid)
    loop
      entities := entities || array[moved.from_gid, moved.to_gid];
      afters := afters || array[event, event];
    end loop;
  end loop;
  perform artwork_reconciler.trigger_queue_documents('event', entities, afters, array(
    select entity.gid from musicbrainz.event entity
    where entity.gid = any (entities)
      and exists (select from event_art_archive.event_art art where art.event = entity.id)
  ));
  return null;
end
$$;

-- Of images that go with their event nothing is found any more: that has been seen to.
create or replace function artwork_reconciler.trigger_event_art_deleted() returns trigger
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
    join musicbrainz.event entity on entity.id = art.event
    left join cover_art_archive.image_type using (mime_type)
    order by entity.gid, art.ordering, art.id
  loop
    foreach event in array
      artwork_reconciler.trigger_queue_image('event', gone.id, gone.suffix, gone.gid, null)
    loop
      entities := entities || gone.gid;
      afters := afters || event;
    end loop;
  end loop;
  perform artwork_reconciler.trigger_queue_documents('event', entities, afters, entities);
  return null;
end
$$;

-- Of types that go with their image nothing is found any more.
create or replace function artwork_reconciler.trigger_event_art_type_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform artwork_reconciler.trigger_queue_index('event', array(
    select entity.gid
    from changed_rows typed
    join event_art_archive.event_art art using (id)
    join musicbrainz.event entity on entity.id = art.event
  ), '{}');
  return null;
end
$$;

-- Before the row goes, and its images with it.
create or replace function artwork_reconciler.trigger_event_deleted() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  image record;
begin
  for image in
    select art.id, image_type.suffix
    from event_art_archive.event_art art join cover_art_archive.image_type using (mime_type)
    where art.event = old.id order by art.ordering, art.id
  loop
    perform artwork_reconciler.trigger_queue_image('event', image.id, image.suffix, old.gid, null);
  end loop;
  if found then
    perform artwork_reconciler.trigger_queue_deindex('event', old.gid, '{}');
  end if;
  return old;
end
$$;

-- A new name. The condition stands here, not in WHEN of the trigger: see release-functions.sql.
create or replace function artwork_reconciler.trigger_event_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if old.name is distinct from new.name then
    perform artwork_reconciler.trigger_queue_index('event', array(
      select event.gid from musicbrainz.event
      where event.id = new.id
        and exists (select from event_art_archive.event_art art where art.event = event.id)
    ), '{}');
  end if;
  return null;
end
$$;
