-- Up Migration

-- A new `last_seen` finds its place beside the old one, which the next audit's statement on that page removes. Not so those
-- of an item of hundreds of images, which are updated at once: they move to other pages. With the default a fifth of the
-- table (a million rows, 20 bytes an image) would be dead before their room is used again.
alter table artwork_reconciler.image_content set (autovacuum_vacuum_scale_factor = 0.02);

-- Down Migration

alter table artwork_reconciler.image_content reset (autovacuum_vacuum_scale_factor);
