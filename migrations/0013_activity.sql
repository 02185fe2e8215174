-- Up Migration

-- What was done in each hour that is over, counted once by housekeeping: the overview shows a day or a week of it without
-- reading the history, of which there may be millions of rows a day and which is trimmed some day. `what` is one of
-- audit (key: its decision), not_now (key: the cause), request (key: its kind; requests of audits), attempt (key: how an
-- attempt at an event ended), answer (key: the archive's status to an attempt that failed, or none).
create table artwork_reconciler.activity_hour (
  hour  timestamptz not null,
  what  text not null check (what in ('audit', 'not_now', 'request', 'attempt', 'answer')),
  key   text not null,
  count bigint not null,
  primary key (hour, what, key)
);

-- Up to where hours were counted: the beginning of the first one that was not.
create table artwork_reconciler.activity_place (
  only_row   boolean primary key default true check (only_row),
  counted_to timestamptz not null default '-infinity'
);
insert into artwork_reconciler.activity_place default values;

-- The attempts of an hour, without reading the attempts themselves.
create index event_attempt_ended on artwork_reconciler.event_attempt (ended_at, outcome, status);

-- Down Migration

drop index artwork_reconciler.event_attempt_ended;
drop table artwork_reconciler.activity_place;
drop table artwork_reconciler.activity_hour;
