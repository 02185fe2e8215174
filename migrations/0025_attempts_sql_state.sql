-- Up Migration

-- What PostgreSQL said where an attempt was given back because a statement was cancelled or found no memory. That is the
-- database's trouble; but where it goes on for one event while others are carried out, it is that event's.
alter table artwork_reconciler.event_attempt add column sql_state text;

-- Down Migration

alter table artwork_reconciler.event_attempt drop column sql_state;
