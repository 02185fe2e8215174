-- Up Migration

-- Whether an event waits because archive.org refused its project's key. Then it waits no longer than the brake is on:
-- somebody else's write may be accepted a moment later.
alter table artwork_reconciler.event_not_before add column keys_refused boolean not null default false;

-- Down Migration

alter table artwork_reconciler.event_not_before drop column keys_refused;
