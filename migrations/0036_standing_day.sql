-- Up Migration

-- How many entities had each status at the end of each day, as housekeeping last saw it that day (UTC; beyond 10,000 the
-- planner's estimate): the overview shows over weeks whether the archive gets in step. Six rows a day, kept.
create table artwork_reconciler.standing_day (
  day    date not null,
  status artwork_reconciler.audit_entity_status not null,
  count  bigint not null,
  primary key (day, status)
);

-- What was repaired, and what people answered, in the last hour or day.
create index audit_repair_ended on artwork_reconciler.audit_repair (ended_at, outcome) where ended_at is not null;
create index needs_manual_review_resolved on artwork_reconciler.needs_manual_review (resolved_at)
  where resolved_by is not null;

-- Down Migration

drop index artwork_reconciler.needs_manual_review_resolved;
drop index artwork_reconciler.audit_repair_ended;
drop table artwork_reconciler.standing_day;
