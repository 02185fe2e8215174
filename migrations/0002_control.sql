-- Up Migration

create schema if not exists artwork_reconciler;

-- One row a service (archive.org with all its hosts; the web service). Every process moves `next_free_at` on by one
-- request's share before it makes a request, so that all of them together keep one rate.
create table artwork_reconciler.budget (
  service          text primary key,
  next_free_at     timestamptz not null default '-infinity',
  -- Until then nobody asks; null where no cool-down was ordered or its end has been seen.
  cool_down_until  timestamptz,
  cool_down_reason text,
  -- Cool-downs in a row without an answer in between that was none; each doubles the next.
  cool_down_streak smallint not null default 0
);

-- What stops events or audits until somebody or something releases it. Brakes that follow from other rows (events due,
-- too many in progress, too many repairs waiting, cool-down) are computed, not stored.
create table artwork_reconciler.brake (
  name   text primary key,
  reason text not null,
  since  timestamptz not null default now(),
  -- What the brake's owner needs to release it, e.g. the finding that a breaker saw.
  detail jsonb not null default '{}'
);

-- Who did what, when, on what, and what it was before and after. Written with the change, in its transaction.
create table artwork_reconciler.operator_action (
  id         bigserial primary key,
  at         timestamptz not null default now(),
  actor      text not null,
  action     text not null,
  target     text not null,
  before     jsonb,
  after      jsonb,
  note       text
);
create index operator_action_at on artwork_reconciler.operator_action (at desc, id desc);

-- Down Migration

drop table artwork_reconciler.operator_action;
drop table artwork_reconciler.brake;
drop table artwork_reconciler.budget;
-- The schema stays: the record of the migrations themselves is in it.
