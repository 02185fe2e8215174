-- Up Migration

-- While something stops a project's events that only an event can tell the end of (a refused key, writes that fail alike),
-- one is tried now and then. `at`: from when on the next one may be. `event`: the one that is being tried, until it
-- has told; no reference, as it may go like any other. One that ends without having told gives its turn back.
create table artwork_reconciler.event_probe (
  brake text primary key,
  at    timestamptz not null,
  event bigint
);
insert into artwork_reconciler.event_probe (brake, at)
  select 'keys_refused_' || project, at from artwork_reconciler.event_key_probe;
drop table artwork_reconciler.event_key_probe;

alter table artwork_reconciler.event_not_before
  -- Whose end the event waits for, and no longer; null where it is another's.
  add column brake text,
  -- When the wait began. Where that is to come, the clock was set back, and `until` means nothing.
  add column since timestamptz not null default clock_timestamp();
update artwork_reconciler.event_not_before waiting
  set brake = 'keys_refused_' || case e.entity_type when 'release' then 'caa' else 'eaa' end
  from artwork_indexer.event_queue e where e.id = waiting.event and waiting.keys_refused;
alter table artwork_reconciler.event_not_before drop column keys_refused;

-- Items whose events failed with the same answer, one after the other, since one of the project was carried out.
create table artwork_reconciler.event_failures_alike (
  project text primary key check (project in ('caa', 'eaa')),
  answer  text not null,
  items   text[] not null
);

-- Down Migration

drop table artwork_reconciler.event_failures_alike;

alter table artwork_reconciler.event_not_before add column keys_refused boolean not null default false;
update artwork_reconciler.event_not_before set keys_refused = true where brake like 'keys_refused_%';
alter table artwork_reconciler.event_not_before drop column brake, drop column since;

create table artwork_reconciler.event_key_probe (
  project text primary key check (project in ('caa', 'eaa')),
  at      timestamptz not null
);
insert into artwork_reconciler.event_key_probe (project, at)
  select replace(brake, 'keys_refused_', ''), at from artwork_reconciler.event_probe where brake like 'keys_refused_%';
drop table artwork_reconciler.event_probe;
