-- Up Migration

-- How far the scan of each collection of the archive is. It outlives the workflow that scans: a scan that was stopped,
-- or that the archive gave up on, goes on here. Written together with the entities of each page, so that each counts once.
create table artwork_reconciler.archive_scan (
  collection text not null,
  -- A dry run counts, and has a place of its own.
  dry_run    boolean not null,
  -- Counted on with each change: a step that comes late changes nothing.
  version    bigint not null default 0,
  -- `ScanState` of src/domain/imports/scan-state.ts: cursor, coverage, faults by kind.
  state      jsonb not null,
  updated_at timestamptz not null default now(),
  primary key (collection, dry_run)
);

-- Down Migration

drop table artwork_reconciler.archive_scan;
