-- Up Migration

-- A few first: repair mode for so many entities, then report mode again by itself. One is open at most.
create table artwork_reconciler.canary (
  id         bigserial primary key,
  entities   integer not null check (entities > 0),
  -- How many may still be repaired. Counted down in the transaction that decides to repair one.
  remaining  integer not null check (remaining between 0 and entities),
  started_at timestamptz not null default now(),
  started_by text not null,
  note       text,
  -- Null while it is open; also set where somebody sets another mode before all were repaired.
  ended_at   timestamptz
);
create unique index canary_open on artwork_reconciler.canary ((ended_at is null)) where ended_at is null;

-- The audits that ordered repairs for it, of which its summary is made.
create table artwork_reconciler.canary_audit (
  audit  bigint primary key references artwork_reconciler.audit (id) on delete cascade,
  canary bigint not null references artwork_reconciler.canary (id) on delete cascade
);
create index canary_audit_canary on artwork_reconciler.canary_audit (canary);

-- Down Migration

drop table artwork_reconciler.canary_audit;
drop table artwork_reconciler.canary;
