-- Up Migration

-- artwork-indexer's schema is made where it is missing, so that a database without that daemon works too. Where it
-- exists it is adopted: nothing in it is altered, so either daemon runs on it. What this program can't do without is
-- looked for first, and all that is missing is named at once.
do $migration$
declare
  problems text;
begin
  if not exists (
    select from pg_catalog.pg_class where relnamespace = to_regnamespace('artwork_indexer')
    union all
    select from pg_catalog.pg_type where typnamespace = to_regnamespace('artwork_indexer')
  ) then
    -- A schema with nothing in it was made for us, perhaps by somebody with more rights. (`create schema if not exists`
    -- asks for the right to create schemas also where there is nothing to create.)
    if to_regnamespace('artwork_indexer') is null then
      create schema artwork_indexer;
    end if;

    create type artwork_indexer.indexable_entity_type as enum ('event', 'release');
    create type artwork_indexer.event_queue_action as enum ('index', 'copy_image', 'delete_image', 'deindex', 'noop');
    create type artwork_indexer.event_state as enum ('queued', 'running', 'failed', 'completed');

    create table artwork_indexer.event_queue (
      id           bigserial primary key,
      state        artwork_indexer.event_state not null default 'queued',
      entity_type  artwork_indexer.indexable_entity_type not null,
      action       artwork_indexer.event_queue_action not null,
      message      jsonb not null,
      depends_on   bigint[],
      created      timestamptz not null default now(),
      attempts     smallint not null default 0,
      last_updated timestamptz not null default now()
    );
    create unique index event_queue_queued_once on artwork_indexer.event_queue (entity_type, action, message)
      where state = 'queued';
    create index event_queue_state_created on artwork_indexer.event_queue (state, created);

    create table artwork_indexer.event_failure_reason (
      event          bigint not null references artwork_indexer.event_queue (id) on delete cascade,
      failure_reason text not null,
      created        timestamptz not null default now()
    );

    create function artwork_indexer.touch_event() returns trigger language plpgsql as $function$
    begin
      -- An update that says itself when the row was changed is believed.
      if new.last_updated is not distinct from old.last_updated then
        new.last_updated := now();
      end if;
      return new;
    end
    $function$;
    create trigger touch_event before update on artwork_indexer.event_queue
      for each row execute function artwork_indexer.touch_event();
  end if;

  select string_agg(problem, '; ' order by position)
  into problems
  from (
    select 100 + position as position, case
        when to_regtype('artwork_indexer.' || expected.type) is null then format('type artwork_indexer.%s is missing', expected.type)
        else format('type artwork_indexer.%s lacks the value ''%s''', expected.type, expected.label)
      end as problem
    from (values
      (1, 'indexable_entity_type', 'event'), (2, 'indexable_entity_type', 'release'),
      (3, 'event_queue_action', 'index'), (4, 'event_queue_action', 'copy_image'), (5, 'event_queue_action', 'delete_image'),
      (6, 'event_queue_action', 'deindex'), (7, 'event_queue_action', 'noop'),
      (8, 'event_state', 'queued'), (9, 'event_state', 'running'), (10, 'event_state', 'failed'), (11, 'event_state', 'completed')
    ) as expected (position, type, label)
    where not exists (
      select from pg_catalog.pg_enum
      where enumtypid = to_regtype('artwork_indexer.' || expected.type) and enumlabel = expected.label
    )
    union all
    select 200 + position, case
        when to_regclass('artwork_indexer.' || expected.relation) is null
          then format('table artwork_indexer.%s is missing', expected.relation)
        when attribute.attname is null
          then format('column artwork_indexer.%s.%s is missing: expected %s', expected.relation, expected.name, expected.type)
        else format('column artwork_indexer.%s.%s is %s: expected %s', expected.relation, expected.name,
          pg_catalog.format_type(attribute.atttypid, null), expected.type)
      end
    from (values
      (1, 'event_queue', 'id', 'bigint'),
      (2, 'event_queue', 'state', 'artwork_indexer.event_state'),
      (3, 'event_queue', 'entity_type', 'artwork_indexer.indexable_entity_type'),
      (4, 'event_queue', 'action', 'artwork_indexer.event_queue_action'),
      (5, 'event_queue', 'message', 'jsonb'),
      (6, 'event_queue', 'depends_on', 'bigint[]'),
      (7, 'event_queue', 'created', 'timestamp with time zone'),
      (8, 'event_queue', 'attempts', 'smallint'),
      (9, 'event_queue', 'last_updated', 'timestamp with time zone'),
      (10, 'event_failure_reason', 'event', 'bigint'),
      (11, 'event_failure_reason', 'failure_reason', 'text'),
      (12, 'event_failure_reason', 'created', 'timestamp with time zone')
    ) as expected (position, relation, name, type)
    left join pg_catalog.pg_attribute attribute
      on attribute.attrelid = to_regclass('artwork_indexer.' || expected.relation)
      and attribute.attname = expected.name and attribute.attnum > 0 and not attribute.attisdropped
    where attribute.atttypid is distinct from to_regtype(expected.type)
      or attribute.atttypid is null
  ) as found;

  if problems is not null then
    raise exception 'the schema artwork_indexer of this database is not the one this program knows: %', problems
      using hint = 'Nothing was changed. Bring artwork-indexer''s own schema up to date first.';
  end if;
end
$migration$;

-- Down Migration

-- Nothing: the queue is MusicBrainz' and the other daemon's, also where it was made here; dropping it would lose events.
