-- Up Migration

-- A bulk action may be given as a list: each line is written down as it is read, with what it names, or why it is not
-- taken. While it is read nobody works on the action; a reading that was broken off is forgotten like any dry run that
-- nobody confirms.
alter table artwork_reconciler.bulk_action drop constraint bulk_action_state_check;
alter table artwork_reconciler.bulk_action add constraint bulk_action_state_check
  check (state in ('reading', 'choosing', 'planning', 'planned', 'running', 'done', 'stopped'));

create table artwork_reconciler.bulk_action_line (
  bulk_action uuid not null references artwork_reconciler.bulk_action on delete cascade,
  line        integer not null,
  -- As it was given, shortened.
  input       text not null,
  entity_type artwork_indexer.indexable_entity_type,
  gid         uuid,
  -- The row of the action that it stands for; null where it is not taken. Below zero: an entity that is no audit entity
  -- yet, by a number made of its MBID.
  target      bigint,
  -- Why it is not taken; with a target: what the line said before.
  reason      text,
  primary key (bulk_action, line)
);
create index bulk_action_line_target on artwork_reconciler.bulk_action_line (bulk_action, target)
  where target is not null;

-- Entities that people want left alone: `unchecked`, with a due time that never comes and the cause `excluded`.
create table artwork_reconciler.exclusion (
  audit_entity_id bigint primary key references artwork_reconciler.audit_entity on delete cascade,
  excluded_at     timestamptz not null default now(),
  excluded_by     text not null,
  note            text not null
);

-- Down Migration

update artwork_reconciler.audit_entity set due_at = null, due_cause = null
where status = 'unchecked' and due_at is not null and due_cause = 'excluded';
drop table artwork_reconciler.exclusion;
drop table artwork_reconciler.bulk_action_line;
delete from artwork_reconciler.bulk_action where state = 'reading';
alter table artwork_reconciler.bulk_action drop constraint bulk_action_state_check;
alter table artwork_reconciler.bulk_action add constraint bulk_action_state_check
  check (state in ('choosing', 'planning', 'planned', 'running', 'done', 'stopped'));
