-- Up Migration

-- What a person does to many rows at once: first looked at (a dry run that fixes the rows), then confirmed, then carried
-- out batch by batch. The id is made with the dry run, so that confirming twice starts it once.
create table artwork_reconciler.bulk_action (
  id              uuid primary key,
  kind            text not null,
  -- What was asked for, as the kind reads it: {"ids": [...]}, or a filter.
  filter          jsonb not null,
  -- choosing → planning → planned → (confirmed) running → done. `stopped`: by a person, before or after it was confirmed.
  state           text not null default 'choosing'
    check (state in ('choosing', 'planning', 'planned', 'running', 'done', 'stopped')),
  planned_by      text not null,
  created_at      timestamptz not null default now(),
  actor           text,
  note            text,
  confirmed_at    timestamptz,
  ended_at        timestamptz,
  -- How far the choosing of rows is; the kind's own form.
  cursor          jsonb,
  -- Rows of the dry run, and those of them that go along with others without having been asked for.
  chosen          integer not null default 0,
  along           integer not null default 0,
  -- What the dry run says of them, and what became of them.
  planned_done    integer not null default 0,
  planned_skipped integer not null default 0,
  planned_refused integer not null default 0,
  done            integer not null default 0,
  skipped         integer not null default 0,
  refused         integer not null default 0,
  -- Why the last batch failed; null where none did, or a later one succeeded.
  fault           text,
  -- Who works on it, and until when nobody else may.
  lease_holder    text,
  lease_until     timestamptz,
  -- The record of it, from when it is confirmed.
  operator_action bigint references artwork_reconciler.operator_action on delete set null
);
create index bulk_action_unfinished on artwork_reconciler.bulk_action (created_at)
  where state in ('choosing', 'planning', 'running');
create index bulk_action_created on artwork_reconciler.bulk_action (created_at desc, id);

-- The rows of a bulk action, each with what the dry run said and what became of it. A row is marked in the transaction
-- that does it, so that whoever goes on after a crash neither leaves one out nor does one twice.
create table artwork_reconciler.bulk_action_row (
  bulk_action    uuid not null references artwork_reconciler.bulk_action on delete cascade,
  target         bigint not null,
  -- When the target was created: the order in which rows are done.
  place          timestamptz not null,
  along          boolean not null default false,
  -- What the target was when it was chosen. One that has changed since is refused: nobody has seen it as it is now.
  version        text,
  -- Rows of one action with the same text are the same work: the first is done, the others are skipped.
  same_as        text,
  planned        text check (planned in ('done', 'skipped', 'refused')),
  planned_reason text,
  outcome        text check (outcome in ('done', 'skipped', 'refused')),
  reason         text,
  before         jsonb,
  primary key (bulk_action, target)
);
create index bulk_action_row_to_plan on artwork_reconciler.bulk_action_row (bulk_action, place, target)
  where planned is null;
create index bulk_action_row_to_do on artwork_reconciler.bulk_action_row (bulk_action, place, target)
  where outcome is null;
create index bulk_action_row_same on artwork_reconciler.bulk_action_row (bulk_action, same_as)
  where same_as is not null;
-- The bulk actions that a target was in: part of its own page.
create index bulk_action_row_target on artwork_reconciler.bulk_action_row (target);

-- What was done to one event: the records of commands list the ids.
create index operator_action_events on artwork_reconciler.operator_action using gin (after jsonb_path_ops)
  where action in ('requeue events', 'dismiss events');

-- Down Migration

drop index artwork_reconciler.operator_action_events;
drop table artwork_reconciler.bulk_action_row;
drop table artwork_reconciler.bulk_action;
