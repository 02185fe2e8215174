-- Up Migration

-- Whether repairs are queued, for every process alike. Null until a worker has started: it writes what its configuration
-- says. From then on only people change it.
alter table artwork_reconciler.pace
  add column mode        text check (mode in ('report', 'repair')),
  -- Null where the configuration of the first worker said so.
  add column mode_set_by text,
  add column mode_set_at timestamptz;

-- The workers that run, each with the settings it goes by, so that one whose file differs is found. A worker writes its
-- row at its start and with each round of its own looking-after, and takes it away when it stops; one that was killed
-- leaves it until it lapses.
create table artwork_reconciler.worker (
  id         uuid primary key,
  -- Process and host, as Temporal names it too.
  name       text not null,
  started_at timestamptz not null default now(),
  lapses_at  timestamptz not null,
  -- By section and key; of keys and passwords only whether there is one.
  settings   jsonb not null
);

-- Down Migration

drop table artwork_reconciler.worker;
alter table artwork_reconciler.pace drop column mode_set_at, drop column mode_set_by, drop column mode;
