-- Up Migration

-- The checks of which the newest decided audit of each entity has a finding: what lists by check are entered by. The
-- findings themselves are in that audit.
create table artwork_reconciler.standing_finding (
  audit_entity_id bigint not null references artwork_reconciler.audit_entity on delete cascade,
  check_name      text not null,
  primary key (audit_entity_id, check_name)
);
create index standing_finding_check on artwork_reconciler.standing_finding (check_name, audit_entity_id);

insert into artwork_reconciler.standing_finding (audit_entity_id, check_name)
select distinct newest.audit_entity_id, finding->>'check'
from (
  select distinct on (audit_entity_id) audit_entity_id, findings
  from artwork_reconciler.audit
  where decision <> 'not_now'
  order by audit_entity_id, id desc
) newest, jsonb_array_elements(newest.findings) finding;

-- What lists by decision are entered by.
create index audit_decision on artwork_reconciler.audit (decision, audit_entity_id) where decision <> 'not_now';

-- Without it each audit that is deleted would have all reviews read.
create index needs_manual_review_audit on artwork_reconciler.needs_manual_review (audit_id) where audit_id is not null;

-- Up to where the history was looked through for audits that are old enough to be deleted: those that stay would
-- otherwise be read again each time.
create table artwork_reconciler.history_place (
  only_row   boolean primary key default true check (only_row),
  decided_at timestamptz not null default '-infinity',
  audit_id   bigint not null default 0
);
insert into artwork_reconciler.history_place default values;

-- What a step of a backfill or an import counted, written with what it added: a step that is repeated, because its worker
-- died after it, counts what it counted the first time.
create table artwork_reconciler.feeding_step (
  -- The workflow's run and the step's number in it.
  step   text primary key,
  counts jsonb not null,
  at     timestamptz not null default now()
);

-- The brakes that the last tick of the pace found on, each with the moment at which a tick first did: {"events_due": "…"}.
alter table artwork_reconciler.pace add column brakes jsonb not null default '{}';

-- Down Migration

alter table artwork_reconciler.pace drop column brakes;
drop table artwork_reconciler.feeding_step;
drop table artwork_reconciler.history_place;
drop index artwork_reconciler.needs_manual_review_audit;
drop index artwork_reconciler.audit_decision;
drop table artwork_reconciler.standing_finding;
