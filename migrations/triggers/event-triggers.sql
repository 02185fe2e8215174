-- The triggers of the Event Art Archive. Made only where they are missing: each needs a lock on its table.
-- One whose definition changes needs a new name, and a function of a new name: what is there already is not made again,
-- and what no version makes any more goes with its function.

create trigger artwork_reconciler_art_inserted after insert on event_art_archive.event_art
  referencing new table as new_rows
  for each statement execute function artwork_reconciler.trigger_event_art_inserted();

-- Whatever changes, `edits_pending` included, as artwork-indexer has it.
create trigger artwork_reconciler_art_updated after update on event_art_archive.event_art
  referencing old table as old_rows new table as new_rows
  for each statement execute function artwork_reconciler.trigger_event_art_updated();

create trigger artwork_reconciler_art_deleted after delete on event_art_archive.event_art
  referencing old table as old_rows
  for each statement execute function artwork_reconciler.trigger_event_art_deleted();

create trigger artwork_reconciler_art_type_inserted after insert on event_art_archive.event_art_type
  referencing new table as changed_rows
  for each statement execute function artwork_reconciler.trigger_event_art_type_changed();

create trigger artwork_reconciler_art_type_deleted after delete on event_art_archive.event_art_type
  referencing old table as changed_rows
  for each statement execute function artwork_reconciler.trigger_event_art_type_changed();

create trigger artwork_reconciler_event_deleted before delete on musicbrainz.event
  for each row execute function artwork_reconciler.trigger_event_deleted();

create trigger artwork_reconciler_event_changed after update on musicbrainz.event
  for each row execute function artwork_reconciler.trigger_event_changed();
