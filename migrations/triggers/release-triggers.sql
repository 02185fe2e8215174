-- The triggers of the Cover Art Archive. Made only where they are missing: each needs a lock on its table.
-- One whose definition changes needs a new name, and a function of a new name: what is there already is not made again,
-- and what no version makes any more goes with its function.

create trigger artwork_reconciler_art_inserted after insert on cover_art_archive.cover_art
  referencing new table as new_rows
  for each statement execute function artwork_reconciler.trigger_cover_art_inserted();

-- Whatever changes, `edits_pending` included, as artwork-indexer has it.
create trigger artwork_reconciler_art_updated after update on cover_art_archive.cover_art
  referencing old table as old_rows new table as new_rows
  for each statement execute function artwork_reconciler.trigger_cover_art_updated();

create trigger artwork_reconciler_art_deleted after delete on cover_art_archive.cover_art
  referencing old table as old_rows
  for each statement execute function artwork_reconciler.trigger_cover_art_deleted();

create trigger artwork_reconciler_art_type_inserted after insert on cover_art_archive.cover_art_type
  referencing new table as changed_rows
  for each statement execute function artwork_reconciler.trigger_cover_art_type_changed();

create trigger artwork_reconciler_art_type_deleted after delete on cover_art_archive.cover_art_type
  referencing old table as changed_rows
  for each statement execute function artwork_reconciler.trigger_cover_art_type_changed();

create trigger artwork_reconciler_release_deleted before delete on musicbrainz.release
  for each row execute function artwork_reconciler.trigger_release_deleted();

create trigger artwork_reconciler_release_changed after update on musicbrainz.release
  for each row execute function artwork_reconciler.trigger_release_changed();

create trigger artwork_reconciler_release_meta_changed after update on musicbrainz.release_meta
  for each row execute function artwork_reconciler.trigger_release_meta_changed();

create trigger artwork_reconciler_first_release_date_changed
  after insert or delete on musicbrainz.release_first_release_date
  for each row execute function artwork_reconciler.trigger_first_release_date_changed();

create trigger artwork_reconciler_artist_changed after update on musicbrainz.artist
  for each row execute function artwork_reconciler.trigger_artist_changed();
