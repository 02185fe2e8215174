-- Up Migration

create type artwork_reconciler.audit_entity_status as enum (
  'unchecked', 'audit_in_progress', 'clean', 'manual_review', 'repair_queue', 'legacy'
);
create type artwork_reconciler.manual_review_status as enum ('open', 'resolved', 'wont_fix');
create type artwork_reconciler.audit_decision as enum ('clean', 'repair_queue', 'manual_review', 'legacy', 'not_now');

-- One row an entity that is audited, orphans included. No constraint ties the columns to the status: operators may set
-- `status` with plain SQL, and whatever they leave behind (a claim, a due time) is cleared by the next change of status.
create table artwork_reconciler.audit_entity (
  id                    bigserial primary key,
  entity_type           artwork_indexer.indexable_entity_type not null,
  gid                   uuid not null,
  status                artwork_reconciler.audit_entity_status not null default 'unchecked',
  priority              smallint not null default 100 check (priority >= 0),
  last_audit_at         timestamptz,

  -- Only for `unchecked`: null is due now, else not before this moment; and why it waits.
  due_at                timestamptz,
  due_cause             text,

  -- Only for `audit_in_progress`: who has it in hand. The run is the fence; it is null between the pacer's claim and the
  -- workflow's begin. A shell has no workflow but a moment at which its claim lapses unless it is renewed.
  claim_workflow_id     text,
  claim_run_id          text,
  claimed_at            timestamptz,
  claimed_by            text,
  claim_batch           text,
  claim_expires_at      timestamptz,

  -- Repairs in a row without a decision other than repair in between; the same for each check whose finding they were
  -- to mend ({"index.value": 2}); and the audit whose repairs a `repair_queue` row waits for.
  repairs               smallint not null default 0,
  repaired_checks       jsonb,
  repair_audit_id       bigint,

  -- Audits given back undecided in a row, those that count, each with its reason.
  returns               smallint not null default 0,
  return_reasons        text[],

  -- Decisions of the audit in hand that were thrown away in a row because what they rested on had changed.
  discards              smallint not null default 0,
  discarded_fingerprint text,

  unique (entity_type, gid)
);

-- The claim. Without `nulls first` it would sort the whole table.
create index audit_entity_claim on artwork_reconciler.audit_entity (priority desc, last_audit_at nulls first, id)
  where status = 'unchecked' and due_at is null;
-- What has become due is set to null by the pacer; in one index with the above, waiting rows would slow every claim.
create index audit_entity_due on artwork_reconciler.audit_entity (due_at)
  where status = 'unchecked' and due_at is not null;
create index audit_entity_recheck on artwork_reconciler.audit_entity (last_audit_at, id)
  where status in ('clean', 'legacy');
create index audit_entity_in_progress on artwork_reconciler.audit_entity (claimed_at, id)
  where status = 'audit_in_progress';
create index audit_entity_repair_queue on artwork_reconciler.audit_entity (id)
  where status = 'repair_queue';
create index audit_entity_manual_review on artwork_reconciler.audit_entity (id)
  where status = 'manual_review';

-- What every audit found and decided; also those that were given back (`not_now`), with the reason.
create table artwork_reconciler.audit (
  id              bigserial primary key,
  audit_entity_id bigint not null references artwork_reconciler.audit_entity on delete cascade,
  -- Who asked for it: `pacer`, or an operator.
  asked_by        text not null,
  workflow_id     text,
  run_id          text,
  -- live, merged, deleted, unknown; null where the audit was given back before that was known.
  identity        text,
  decision        artwork_reconciler.audit_decision not null,
  -- For `not_now`: the kind of obstacle, and in words; also whether it counts towards the most returns in a row.
  cause           text,
  reason          text,
  counted         boolean,
  -- `report` or `repair`; null for `not_now`.
  mode            text,
  fingerprint     text,
  findings        jsonb not null default '[]',
  -- Requests made, by kind.
  requests        jsonb not null default '{}',
  started_at      timestamptz not null,
  decided_at      timestamptz not null default now()
);
create index audit_of_entity on artwork_reconciler.audit (audit_entity_id, id desc);
create index audit_decided_at on artwork_reconciler.audit (decided_at, decision);
-- The breaker's window, however many orphans were audited since.
create index audit_live_decided on artwork_reconciler.audit (id desc)
  where identity = 'live' and decision <> 'not_now';

-- The repairs that an audit decided. Rows of the event queue are deleted some day, so action, message and outcome are
-- kept here. The event is null where the mode was `report`: nothing was queued.
create table artwork_reconciler.audit_repair (
  audit_id   bigint not null references artwork_reconciler.audit on delete cascade,
  -- Place in the audit's list, from 0; `depends_on` has such places.
  position   smallint not null,
  event_id   bigint,
  action     text not null,
  message    jsonb not null,
  depends_on smallint[] not null default '{}',
  -- completed, failed, superseded; null while it is open or nobody saw it end.
  outcome    text,
  ended_at   timestamptz,
  primary key (audit_id, position)
);
create index audit_repair_event on artwork_reconciler.audit_repair (event_id) where event_id is not null;

-- One open row an entity. `review_reason` is for people, `reasons` the same grouped by check.
create table artwork_reconciler.needs_manual_review (
  id               bigserial primary key,
  audit_entity_id  bigint not null references artwork_reconciler.audit_entity on delete cascade,
  review_reason    text not null,
  status           artwork_reconciler.manual_review_status not null default 'open',
  resolution_notes text,
  resolved_at      timestamptz,
  created_at       timestamptz not null default now(),

  -- [{"check": text or null, "reason": text, "count": n, "evidence": text or null, "examples": [...]}]
  reasons          jsonb not null default '[]',
  -- The evidence of all reasons, to find what a person has judged before.
  evidence         text[] not null default '{}',
  -- Whether something in it came back after a person had called it resolved.
  regressed        boolean not null default false,
  -- The audit that last wrote the reasons.
  audit_id         bigint references artwork_reconciler.audit on delete set null,
  updated_at       timestamptz not null default now(),
  -- Null where no person but an audit resolved it.
  resolved_by      text
);
create unique index needs_manual_review_one_open on artwork_reconciler.needs_manual_review (audit_entity_id)
  where status = 'open';
create index needs_manual_review_status on artwork_reconciler.needs_manual_review (status, created_at);
create index needs_manual_review_entity on artwork_reconciler.needs_manual_review (audit_entity_id, id desc);

-- What a person said shall stay as it is. A finding with the same evidence counts as `report`.
create table artwork_reconciler.wont_fix_evidence (
  audit_entity_id bigint not null references artwork_reconciler.audit_entity on delete cascade,
  evidence        text not null,
  check_name      text,
  review_id       bigint not null references artwork_reconciler.needs_manual_review on delete cascade,
  since           timestamptz not null default now(),
  primary key (audit_entity_id, evidence)
);
create index wont_fix_evidence_review on artwork_reconciler.wont_fix_evidence (review_id);

-- What a downloaded document was found to differ in. The same file under the same expectation is not downloaded again.
create table artwork_reconciler.judged_document (
  audit_entity_id bigint not null references artwork_reconciler.audit_entity on delete cascade,
  file_name       text not null,
  md5             text not null,
  -- A hash of all that the comparison rested on.
  expectation     text not null,
  differences     jsonb not null,
  judged_at       timestamptz not null default now(),
  primary key (audit_entity_id, file_name)
);

-- Events whose end was passed on to the entities they name. What is missing here was ended by the other daemon.
create table artwork_reconciler.noticed_event (
  event_id   bigint primary key,
  -- The event's `last_updated` is not after this, unless it was queued again since.
  noticed_at timestamptz not null default now()
);
create index noticed_event_at on artwork_reconciler.noticed_event (noticed_at);

-- Down Migration

drop table artwork_reconciler.noticed_event;
drop table artwork_reconciler.judged_document;
drop table artwork_reconciler.wont_fix_evidence;
drop table artwork_reconciler.needs_manual_review;
drop table artwork_reconciler.audit_repair;
drop table artwork_reconciler.audit;
drop table artwork_reconciler.audit_entity;
drop type artwork_reconciler.audit_decision;
drop type artwork_reconciler.manual_review_status;
drop type artwork_reconciler.audit_entity_status;
