-- Up Migration

-- Whose fault a pause is (life-cycles page, "Cool-down"): an item that asked everybody for one lets others be asked first;
-- once one of those is answered, it is to blame, and pauses of its own are no longer everybody's.
alter table artwork_reconciler.slow_down
  -- What was slowed down: `write`, or the kind of a reading request. Only an answer to the same clears or blames.
  add column kind text not null default 'write',
  add column others_first_until timestamptz,
  add column is_to_blame boolean not null default false;

-- Down Migration

alter table artwork_reconciler.slow_down
  drop column kind,
  drop column others_first_until,
  drop column is_to_blame;
