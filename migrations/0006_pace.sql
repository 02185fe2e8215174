-- Up Migration

-- Since when a service is cooling down, over all cool-downs of one streak; shown to operators.
alter table artwork_reconciler.budget add column cool_down_since timestamptz;

-- The one row that all pacers share: what was started is counted here, so that restarts, missed runs and several
-- workers don't matter.
create table artwork_reconciler.pace (
  only_row         boolean primary key default true check (only_row),

  -- What an operator set; overrides the file until it is cleared. Audits an hour, or a day: at most one of them.
  set_per_hour     double precision check (set_per_hour > 0),
  set_per_day      double precision check (set_per_day > 0),
  set_by           text,
  set_at           timestamptz,

  -- The pacer's own time at its last tick (not the database's: simulated days are driven through it).
  last_tick_at     timestamptz,
  -- The last tick's name and what it claimed: a tick that is repeated gets the same again.
  last_batch       text,
  last_claimed     jsonb not null default '[]',
  -- Audits that the pace allows and that were not started yet; a fraction, below one between ticks.
  owed             double precision not null default 0 check (owed >= 0),
  -- When the breaker last let an audit through to see whether it still shows what tripped it, by the pacer's time.
  last_probe_at    timestamptz,
  -- All that were ever started.
  started          bigint not null default 0,

  -- The breaker looks at audits after this one only: what tripped it once doesn't trip it again after its release.
  breaker_after    bigint not null default 0,

  check (set_per_hour is null or set_per_day is null)
);
insert into artwork_reconciler.pace default values;

-- Orphans of the database that the web service still gives, in a row: an agreement empties it. One row a run of an
-- audit, so that a repeated step counts once.
create table artwork_reconciler.web_service_disagreement (
  run_id      text primary key,
  entity_type artwork_indexer.indexable_entity_type not null,
  gid         uuid not null,
  noticed_at  timestamptz not null default now()
);

-- Down Migration

drop table artwork_reconciler.web_service_disagreement;
drop table artwork_reconciler.pace;
alter table artwork_reconciler.budget drop column cool_down_since;
