-- Up Migration

-- Which deployment this database is: a namespace of Temporal belongs to one of them. Server and database by the numbers
-- that PostgreSQL gave them, so that a copy is noticed before it does another deployment's work.
create table artwork_reconciler.deployment (
  only_row          boolean primary key default true check (only_row),
  identity          uuid not null,
  -- Null where this server doesn't let us see it. Text: it has 64 bits.
  system_identifier text,
  database_oid      oid not null,
  made_at           timestamptz not null default now()
);

do $$
declare
  system text;
begin
  begin
    select system_identifier::text into system from pg_control_system();
  exception when insufficient_privilege then
    system := null;
  end;
  -- Random enough to tell deployments apart; PostgreSQL 12 has no function for it.
  insert into artwork_reconciler.deployment (identity, system_identifier, database_oid)
  select md5(random()::text || clock_timestamp()::text || coalesce(system, ''))::uuid, system, oid
  from pg_database where datname = current_database();
end
$$;

-- Down Migration

drop table artwork_reconciler.deployment;
