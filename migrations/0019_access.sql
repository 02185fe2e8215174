-- Up Migration

-- Who logged in at the dashboard, until they log out or it is over. A cookie names one of these; without its row it is
-- worth nothing, so that a cookie that was copied ends with the logout too.
create table artwork_reconciler.dashboard_session (
  id       text primary key,
  account  text not null,
  began_at timestamptz not null default clock_timestamp()
);

-- The logins of the last minute, counted by all dashboards together. Older ones are deleted by the next login.
create table artwork_reconciler.login (
  step    text not null check (step in ('start', 'return')),
  -- An IPv4 address, or the /64 of an IPv6 one: a household has as many addresses as it likes in it.
  network cidr not null,
  at      timestamptz not null default clock_timestamp()
);

alter table artwork_reconciler.bulk_action add column stopped_by text;

-- Down Migration

alter table artwork_reconciler.bulk_action drop column stopped_by;
drop table artwork_reconciler.login;
drop table artwork_reconciler.dashboard_session;
