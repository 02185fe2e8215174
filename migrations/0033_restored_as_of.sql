-- Up Migration

-- Of a restored database: the moment of its dump, and the collections of the archive that no scan has gone through since
-- in search of items written after that moment. Both are empty where nothing is to be looked for.
alter table artwork_reconciler.deployment
  add column restored_as_of timestamptz,
  add column unscanned text[] not null default '{}',
  add constraint deployment_unscanned_check check ((restored_as_of is null) = (unscanned = '{}'));

-- Down Migration

alter table artwork_reconciler.deployment drop column restored_as_of, drop column unscanned;
