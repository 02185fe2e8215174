-- Up Migration

-- Items that archive.org told SlowDown for without saying whose limit it was. One whose requests are slowed down time and
-- again, while others succeed, is not to stop everybody; the times are counted over processes and pauses.
create table artwork_reconciler.slow_down (
  bucket text primary key,
  times  smallint not null,
  at     timestamptz not null
);

-- Down Migration

drop table artwork_reconciler.slow_down;
