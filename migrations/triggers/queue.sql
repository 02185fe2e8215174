-- What the triggers on MusicBrainz' tables have in common: how rows come into artwork-indexer's queue. Called by the
-- triggers' functions only, with their rights and their search_path; nobody else may.
--
-- Four things hold throughout:
-- - Nothing here may end the transaction of MusicBrainz' editor: the queue holds one queued event of a kind (unique
--   index), so every insert says what happens where there is one.
-- - An event that is queued already stays locked until the editor's transaction is committed. Otherwise a worker could
--   take it now, read MusicBrainz as it was, and nobody would come back for the change.
-- - Where nothing of it changes, that lock is `for key share`: claims skip it, ours and artwork-indexer's, but two
--   editors who need the same events have them both, and wait for each other no more than with artwork-indexer's
--   triggers. Who waited for a claim finds it `queued` no longer, and inserts it again.
-- - Only artwork-indexer's own tables are used, so that the triggers work whichever of our migrations are applied.

-- Queues an `index` of each gid (nulls left out). Where one is queued already, it gains the parents it lacks.
-- In the order of the gids: two editors who change thousands of the same entities at once then wait for each other one
-- way round only.
create or replace function artwork_reconciler.trigger_queue_index(
  kind artwork_indexer.indexable_entity_type, gids uuid[], parents bigint[]
) returns void language plpgsql as $$
declare
  messages jsonb[] := array(
    select pg_catalog.jsonb_build_object('gid', gid) from pg_catalog.unnest(gids) as gid where gid is not null
  );
  queued jsonb[];
begin
  while messages <> '{}' loop
    with inserted as (
      insert into artwork_indexer.event_queue (entity_type, action, message, depends_on)
      select kind, 'index', message, nullif(parents, '{}')
      from (select distinct message from pg_catalog.unnest(messages) as message) as wanted
      order by message
      on conflict (entity_type, action, message) where state = 'queued' do nothing
      returning message
    )
    select array(select pg_catalog.unnest(messages) except select message from inserted) into messages;
    queued := array(
      select message from artwork_indexer.event_queue
      where state = 'queued' and entity_type = kind and action = 'index' and message = any (messages)
      order by message
      for key share
    );
    if parents <> '{}' then
      update artwork_indexer.event_queue
      set depends_on = coalesce(depends_on, '{}') || array(
        select parent from pg_catalog.unnest(parents) as parent where parent <> all (coalesce(depends_on, '{}'))
      )
      where state = 'queued' and entity_type = kind and action = 'index' and message = any (queued)
        and not coalesce(depends_on, '{}') @> parents;
    end if;
    messages := array(select pg_catalog.unnest(messages) except select pg_catalog.unnest(queued));
  end loop;
end
$$;

-- Drops an `index` or `deindex` that is still queued, because the other one of them is to come.
create or replace function artwork_reconciler.trigger_drop_queued(
  kind artwork_indexer.indexable_entity_type, dropped artwork_indexer.event_queue_action, entity uuid
) returns void language sql as $$
  delete from artwork_indexer.event_queue
  where state = 'queued' and entity_type = kind and action = dropped
    and message = pg_catalog.jsonb_build_object('gid', entity)
$$;

-- Queues an event, or finds the one that is queued already and locks it. Returns its id.
create or replace function artwork_reconciler.trigger_queue_event(
  kind artwork_indexer.indexable_entity_type, what artwork_indexer.event_queue_action, about jsonb, parents bigint[]
) returns bigint language plpgsql as $$
declare
  event_id bigint;
begin
  loop
    insert into artwork_indexer.event_queue (entity_type, action, message, depends_on)
    values (kind, what, about, nullif(parents, '{}'))
    on conflict (entity_type, action, message) where state = 'queued' do nothing
    returning id into event_id;
    exit when found;
    select id into event_id from artwork_indexer.event_queue
    where state = 'queued' and entity_type = kind and action = what and message = about
    for key share;
    exit when found;
  end loop;
  return event_id;
end
$$;

-- Queues the `deindex` of an entity that has no images any more, in place of an `index` that is still queued.
create or replace function artwork_reconciler.trigger_queue_deindex(
  kind artwork_indexer.indexable_entity_type, entity uuid, parents bigint[]
) returns void language plpgsql as $$
declare
  event_id bigint;
begin
  perform artwork_reconciler.trigger_drop_queued(kind, 'index', entity);
  if entity is not null then
    event_id := artwork_reconciler.trigger_queue_event(
      kind, 'deindex', pg_catalog.jsonb_build_object('gid', entity), parents);
    update artwork_indexer.event_queue set depends_on = nullif(parents, '{}')
    where id = event_id and depends_on is distinct from nullif(parents, '{}');
  end if;
end
$$;

-- Queues one event about an image's file, or finds the one that is queued already, which gains the parents; but for
-- those that wait for it themselves, or neither would ever run. Returns its id.
create or replace function artwork_reconciler.trigger_queue_image_event(
  kind artwork_indexer.indexable_entity_type, what artwork_indexer.event_queue_action, about jsonb, parents bigint[]
) returns bigint language plpgsql as $$
declare
  event_id constant bigint := artwork_reconciler.trigger_queue_event(kind, what, about, parents);
begin
  update artwork_indexer.event_queue
  set depends_on = coalesce(depends_on, '{}') || array(
    select parent from pg_catalog.unnest(parents) as parent
    where parent <> all (coalesce(depends_on, '{}')) and event_id not in (
      with recursive ancestor as (
        select parent as id
        union
        select pg_catalog.unnest(event.depends_on) from ancestor join artwork_indexer.event_queue event using (id)
      )
      select id from ancestor
    )
  )
  where id = event_id and not coalesce(depends_on, '{}') @> parents;
  return event_id;
end
$$;

-- The deletions of an image's file that are queued or running.
create or replace function artwork_reconciler.trigger_open_deletions(
  kind artwork_indexer.indexable_entity_type, about jsonb
) returns bigint[] language sql stable as $$
  select array(
    select id from artwork_indexer.event_queue
    where state = 'queued' and entity_type = kind and action = 'delete_image' and message = about
    union all
    select id from artwork_indexer.event_queue
    where state = 'running' and entity_type = kind and action = 'delete_image' and message = about
  )
$$;

-- The copies that are to write an image's file, queued or running. The condition is that of an index of ours
-- (reconciler_event_open_target); without it this reads more, and comes to the same.
create or replace function artwork_reconciler.trigger_open_copies(
  kind artwork_indexer.indexable_entity_type, artwork bigint, suffix text, target text
) returns setof artwork_indexer.event_queue language sql stable as $$
  select * from artwork_indexer.event_queue
  where state <> 'completed' and state <> 'failed' and action = 'copy_image'
    and pg_catalog.lower(pg_catalog.left(message->>'new_gid', 36)) = target and entity_type = kind
    and message->'artwork_id' = pg_catalog.to_jsonb(artwork) and message->>'suffix' = trigger_open_copies.suffix
$$;

-- Queues what brings an image's file from one entity's item to another's, or, without a target, what deletes it: a copy
-- and the deletion that depends on it, or the deletion alone. Returns the events that an `index` has to come after.
--
-- What is still to be done about the same file goes first, by depends_on: the copy that brings it here, and a deletion
-- of the very file that is to be written. (By the order of creation alone a copy that is retried would be overtaken, and
-- a deletion that is retried would take away what has come back meanwhile.) So each image has one chain of events, and
-- whatever fails in it stops the rest of it: nothing is deleted of which no copy was made.
--
-- An image that comes back and leaves again while the deletion of the first time is still open would need that deletion
-- once more, which the queue can't hold, and which the first one would do too early. But then the copy that was to bring
-- it back has not begun, as it depends on that deletion. So that last leg is taken out of the chain instead, and the
-- image goes on from where the leg began: A→B→A→B becomes A→B, A→B→A→C becomes A→B→C, and a deletion after A→B→A
-- becomes A→B and the deletion there. (Likewise where the very copy is queued, by an audit, say.)
create or replace function artwork_reconciler.trigger_queue_image(
  kind artwork_indexer.indexable_entity_type, artwork bigint, suffix text, from_gid uuid, to_gid uuid
) returns bigint[] language plpgsql as $$
declare
  -- Where the chain leads so far, and so the file is, or will be.
  source text := from_gid;
  target constant text := to_gid;
  about jsonb;
  open_deletions bigint[];
  leg record;
  dropped bigint;
  all_dropped bigint[] := '{}';
  parents bigint[];
  copied bigint;
  deletion bigint;
  last_events bigint[] := '{}';
begin
  loop
    about := pg_catalog.jsonb_build_object('artwork_id', artwork, 'gid', source, 'suffix', suffix);
    open_deletions := artwork_reconciler.trigger_open_deletions(kind, about);
    exit when open_deletions = '{}' and not exists (
      select from artwork_indexer.event_queue
      where state = 'queued' and entity_type = kind and action = 'copy_image' and message = pg_catalog.jsonb_build_object(
        'artwork_id', artwork, 'old_gid', source, 'new_gid', target, 'suffix', suffix)
    );
    select id, message->>'old_gid' as old_gid, depends_on into leg
    from artwork_indexer.event_queue
    where state = 'queued' and attempts = 0 and id in (
      select id from artwork_reconciler.trigger_open_copies(kind, artwork, suffix, source)
    )
    order by id desc limit 1 for update;
    exit when not found;

    delete from artwork_indexer.event_queue where id = leg.id;
    delete from artwork_indexer.event_queue
    where state = 'queued' and entity_type = kind and action = 'delete_image'
      and message = pg_catalog.jsonb_build_object('artwork_id', artwork, 'gid', leg.old_gid, 'suffix', suffix)
      and depends_on @> array[leg.id]
    returning id into dropped;
    if found then
      all_dropped := all_dropped || dropped;
    end if;
    last_events := last_events || open_deletions || leg.depends_on;
    source := leg.old_gid;
    exit when source = target;
  end loop;

  if source is distinct from target then
    parents := array(select id from artwork_reconciler.trigger_open_copies(kind, artwork, suffix, source));
    if target is not null then
      about := pg_catalog.jsonb_build_object('artwork_id', artwork, 'gid', target, 'suffix', suffix);
      copied := artwork_reconciler.trigger_queue_image_event(kind, 'copy_image',
        pg_catalog.jsonb_build_object('artwork_id', artwork, 'old_gid', source, 'new_gid', target, 'suffix', suffix),
        parents || artwork_reconciler.trigger_open_deletions(kind, about));
      -- A deletion there that waits for the copy (somebody else's) would take away what MusicBrainz lists from now on.
      delete from artwork_indexer.event_queue
      where state = 'queued' and entity_type = kind and action = 'delete_image' and message = about
        and id <> all (select pg_catalog.unnest(depends_on) from artwork_indexer.event_queue where id = copied);
      parents := array[copied];
    end if;
    -- One that is queued by now is somebody else's (an audit's, an operator's): it comes after the copy, too, and is
    -- MusicBrainz' word from now on.
    about := pg_catalog.jsonb_build_object('artwork_id', artwork, 'gid', source, 'suffix', suffix);
    delete from artwork_indexer.event_queue
    where state = 'queued' and entity_type = kind and action = 'delete_image' and message = about;
    deletion := artwork_reconciler.trigger_queue_image_event(kind, 'delete_image', about, parents);
    last_events := last_events || deletion;
  end if;
  -- What waited for a deletion that was dropped waits for the one that does its work, if any.
  foreach dropped in array all_dropped loop
    update artwork_indexer.event_queue set depends_on = nullif(
      case when deletion is null then pg_catalog.array_remove(depends_on, dropped)
      else pg_catalog.array_replace(depends_on, dropped, deletion) end, '{}')
    where state = 'queued' and depends_on @> array[dropped];
  end loop;
  -- Those that another one of them depends on are left out: to wait for that one is enough.
  return array(
    select event.id from artwork_indexer.event_queue event
    where event.id = any (last_events) and event.state in ('queued', 'running') and not exists (
      select from artwork_indexer.event_queue later
      where later.id = any (last_events) and later.depends_on @> array[event.id]
    )
    order by event.id
  );
end
$$;

-- Queues what follows once images were moved or deleted: an `index` of each entity that comes after all of its events, or
-- a `deindex` of one that MusicBrainz shows no images of any more, after the last of them.
-- `entities` and `afters` go together: entity by entity and event by event.
create or replace function artwork_reconciler.trigger_queue_documents(
  kind artwork_indexer.indexable_entity_type, entities uuid[], afters bigint[], shown uuid[]
) returns void language plpgsql as $$
declare
  touched record;
begin
  for touched in
    select entity, pg_catalog.array_agg(distinct event) as parents, pg_catalog.max(event) as last_parent
    from rows from (pg_catalog.unnest(entities), pg_catalog.unnest(afters)) as pair (entity, event)
    group by entity order by entity
  loop
    if touched.entity = any (shown) then
      perform artwork_reconciler.trigger_drop_queued(kind, 'deindex', touched.entity);
      perform artwork_reconciler.trigger_queue_index(kind, array[touched.entity], touched.parents);
    else
      perform artwork_reconciler.trigger_queue_deindex(kind, touched.entity, array[touched.last_parent]);
    end if;
  end loop;
end
$$;
