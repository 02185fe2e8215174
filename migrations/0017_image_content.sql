-- Up Migration

-- Which content the archive listed of each image original when an audit saw it first, and when it was seen last, on
-- whichever item. MusicBrainz never replaces the content of an artwork id, so that another one is a replaced or damaged
-- file. There are as many rows as images: the columns are ordered so that no byte is lost between them (64 bytes a row, and
-- 28 in the index), and an md5 is a uuid, of 16 bytes. The fill factor leaves room for a new `last_seen` beside the old one.
create table artwork_reconciler.image_content (
  artwork_id  bigint not null,
  md5         uuid not null,
  first_seen  date not null,
  last_seen   date not null,
  entity_type artwork_indexer.indexable_entity_type not null,
  suffix      text not null,
  primary key (artwork_id, suffix, entity_type)
) with (fillfactor = 90);

-- Other contents that were seen of the same images since: few, or something is very wrong.
create table artwork_reconciler.image_other_content (
  entity_type artwork_indexer.indexable_entity_type not null,
  artwork_id  bigint not null,
  suffix      text not null,
  md5         uuid not null,
  first_seen  date not null,
  last_seen   date not null,
  primary key (artwork_id, suffix, entity_type, md5)
);

-- Down Migration

drop table artwork_reconciler.image_other_content;
drop table artwork_reconciler.image_content;
