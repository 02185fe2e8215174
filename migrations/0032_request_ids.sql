-- Up Migration

-- The archive's ids of the writes that it has taken for this claim, in their order, until the attempt ends.
alter table artwork_reconciler.event_claim add column request_ids text;

-- Down Migration

alter table artwork_reconciler.event_claim drop column request_ids;
