-- Up Migration

-- Since when a service is cooling down, over all cool-downs of one streak; shown to operators.
alter table artwork_reconciler.budget add column cool_down_since timestamptz;

-- Down Migration

alter table artwork_reconciler.budget drop column cool_down_since;
