-- Up Migration

-- What is known of an event beyond artwork-indexer's own columns, which stay as they are. Every row here goes with its
-- event: completed events are deleted after some months, by either daemon.

-- Who works on an event. Only the run named here may end it. There is a row exactly while the work is in hand, also
-- where the other daemon's housekeeping sets the event to `failed` meanwhile.
create table artwork_reconciler.event_claim (
  event               bigint primary key references artwork_indexer.event_queue (id) on delete cascade,
  workflow_id         text not null,
  run_id              text not null,
  -- The event's `attempts` with this one counted. A row whose `attempts` differ was changed by somebody else meanwhile.
  attempt             smallint not null,
  claimed_at          timestamptz not null default now(),
  -- What the row goes back to where the claim is undone.
  attempts_before     smallint not null,
  last_updated_before timestamptz not null
);

-- An event that waits for something that is no fault of its own, e.g. the end of a cool-down.
create table artwork_reconciler.event_not_before (
  event  bigint primary key references artwork_indexer.event_queue (id) on delete cascade,
  until  timestamptz not null,
  reason text not null
);

-- A failed event that a person has seen and wants out of sight. It counts only while the event's `last_updated` is the
-- one it was dismissed at: one that was queued again since, by whatever means, and failed again, is to be seen again.
create table artwork_reconciler.event_dismissal (
  event        bigint primary key references artwork_indexer.event_queue (id) on delete cascade,
  last_updated timestamptz not null,
  at           timestamptz not null default now(),
  actor        text not null,
  note         text
);

-- Who wrote an event, which decides how careful its deletion has to be. No row: one of MusicBrainz' triggers, or
-- another writer. An audit's event that a person queues again stays an audit's.
create table artwork_reconciler.event_origin (
  event  bigint primary key references artwork_indexer.event_queue (id) on delete cascade,
  origin text not null check (origin in ('audit', 'requeued'))
);

-- How every attempt of ours ended. A step that runs twice finds its first outcome here, and a run that has ended its
-- attempt can't claim the event again. The reasons of failures are in artwork-indexer's event_failure_reason, too.
create table artwork_reconciler.event_attempt (
  event        bigint not null references artwork_indexer.event_queue (id) on delete cascade,
  run_id       text not null,
  attempt      smallint not null,
  started_at   timestamptz not null,
  ended_at     timestamptz not null default now(),
  -- `queued`: it failed and will be tried again; `given_back`: it waits, and the attempt does not count.
  outcome      text not null check (outcome in ('completed', 'queued', 'failed', 'superseded', 'given_back')),
  reason       text,
  -- What the archive answered; null where there was no answer: a timeout, a reset, or a fault before the request.
  status       smallint,
  body_excerpt text,
  request_id   text,
  primary key (event, run_id)
);

-- While a project's keys are refused, one event is tried now and then. `at`: from when on the next one may be.
create table artwork_reconciler.event_key_probe (
  project text primary key check (project in ('caa', 'eaa')),
  at      timestamptz not null
);

-- Down Migration

drop table artwork_reconciler.event_key_probe;
drop table artwork_reconciler.event_attempt;
drop table artwork_reconciler.event_origin;
drop table artwork_reconciler.event_dismissal;
drop table artwork_reconciler.event_not_before;
drop table artwork_reconciler.event_claim;
