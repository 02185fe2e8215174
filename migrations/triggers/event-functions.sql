-- What the triggers of the Event Art Archive do (functions), as artwork-indexer's do; see queue.sql for how.
-- Each runs with its owner's rights: whoever edits in MusicBrainz needs none on the queue. Hence the fixed search_path.

create or replace function artwork_reconciler.trigger_event_art_inserted() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  entity uuid := (select gid from musicbrainz.event where id = new.event);
begin
  perform artwork_reconciler.trigger_drop_queued('event', 'deindex', entity);
  perform artwork_reconciler.trigger_queue_index('event', array[entity], '{}');
  return null;
end
$$;

-- Before the row changes, so that of several that leave together each sees which have left already.
create or replace function artwork_reconciler.trigger_event_art_updated() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  from_gid uuid := (select gid from musicbrainz.event where id = old.event);
begin
  if new.event = old.event then
    perform artwork_reconciler.trigger_queue_index('event', array[from_gid], '{}');
  else
    perform artwork_reconciler.trigger_image_moved('event', old.id,
      (select suffix from cover_art_archive.image_type where mime_type = old.mime_type),
      from_gid, (select gid from musicbrainz.event where id = new.event),
      exists (select from event_art_archive.event_art where event = old.event and id <> old.id));
  end if;
  return new;
end
$$;

create or replace function artwork_reconciler.trigger_event_art_deleted() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  entity uuid := (select gid from musicbrainz.event where id = old.event);
begin
  -- Gone with its event: that has been seen to.
  if entity is not null then
    perform artwork_reconciler.trigger_queue_index('event', array[entity],
      artwork_reconciler.trigger_queue_image('event', old.id,
        (select suffix from cover_art_archive.image_type where mime_type = old.mime_type), entity, null));
  end if;
  return null;
end
$$;

-- Of a row that goes with its image nothing is found any more.
create or replace function artwork_reconciler.trigger_event_art_type_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  image bigint := case tg_op when 'DELETE' then old.id else new.id end;
begin
  perform artwork_reconciler.trigger_queue_index('event', array(
    select entity.gid from musicbrainz.event entity join event_art_archive.event_art art on art.event = entity.id
    where art.id = image
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
    where art.event = old.id order by art.id
  loop
    perform artwork_reconciler.trigger_queue_image('event', image.id, image.suffix, old.gid, null);
  end loop;
  if found then
    perform artwork_reconciler.trigger_queue_deindex('event', old.gid, '{}');
  end if;
  return old;
end
$$;

-- A new name.
create or replace function artwork_reconciler.trigger_event_updated() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform artwork_reconciler.trigger_queue_index('event', array(
    select event.gid from musicbrainz.event
    where event.id = new.id
      and exists (select from event_art_archive.event_art art where art.event = event.id)
  ), '{}');
  return null;
end
$$;
