-- Up Migration

-- By which version of the checks an audit was judged, that of the program without what follows a hyphen; null of what was
-- judged before it was kept, which is older than any.
alter table artwork_reconciler.audit add column checks_version text;

-- Down Migration

alter table artwork_reconciler.audit drop column checks_version;
