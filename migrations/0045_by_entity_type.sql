-- Up Migration

-- Work of one kind of entities alone: windows, a pace of its own, and (as brakes named after the archive) pauses.

-- Null: of all.
alter table artwork_reconciler.pause_window add column entity_type artwork_indexer.indexable_entity_type;

-- Entity types of which audits are started at a pace of their own; the pace of all is for the others.
create table artwork_reconciler.own_pace (
  entity_type  artwork_indexer.indexable_entity_type primary key,
  set_per_hour float8 check (set_per_hour > 0),
  set_per_day  float8 check (set_per_day > 0),
  set_by       text not null,
  set_at       timestamptz not null default date_trunc('milliseconds', now()),
  -- What the pace has come to and was not started yet; reckoned with that of all, at each tick.
  owed         float8 not null default 0,
  check (num_nonnulls(set_per_hour, set_per_day) = 1)
);

-- The pacer's claim of one type, which may have few entities behind millions of the other.
create index audit_entity_claim_of_type on artwork_reconciler.audit_entity
  (entity_type, priority desc, last_audit_at nulls first, id)
  where status = 'unchecked' and due_at is null;

-- Down Migration

drop index artwork_reconciler.audit_entity_claim_of_type;
drop table artwork_reconciler.own_pace;
alter table artwork_reconciler.pause_window drop column entity_type;
-- Pauses of one type mean nothing to an older version.
delete from artwork_reconciler.brake where name ~ '^(audits|events|repairs)_paused_';
