-- Up Migration

-- Stretches of time in which nothing new is asked of the archive: a brake that begins and ends by itself. A daily one comes
-- again every 24 hours from `begins` on. The database's clock says which are on (src/database/brakes/windows.ts).
create table artwork_reconciler.pause_window (
  id         bigserial primary key,
  stops      text not null check (stops in ('audits', 'events', 'all')),
  daily      boolean not null,
  begins     timestamptz not null,
  ends       timestamptz not null,
  reason     text not null,
  actor      text not null,
  created_at timestamptz not null default now(),
  -- By a person, before its time or, of a daily one, for good.
  ended_at   timestamptz,
  check (ends > begins),
  check (ends <= begins + case when daily then interval '24 hours' else interval '168 hours' end)
);

-- Down Migration

drop table artwork_reconciler.pause_window;
