-- Up Migration

-- Bulk actions are carried out by a workflow each (`bulk-{id}`): that it is the only one, and that another worker goes on
-- where one is lost, is Temporal's to see to.
alter table artwork_reconciler.bulk_action drop column lease_holder, drop column lease_until;

-- Down Migration

alter table artwork_reconciler.bulk_action add column lease_holder text, add column lease_until timestamptz;
