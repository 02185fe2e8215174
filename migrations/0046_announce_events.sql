-- Up Migration

-- Notifies a dispatcher that listens ([database] listen_url) that something was queued. Once for each transaction, and only
-- where somebody listens, who holds an advisory lock for as long as the connection lives: PostgreSQL lets transactions that
-- notify commit one after the other, which nobody shall pay for nothing. By NOTIFY and not pg_notify: nobody needs a right for
-- it.
create function artwork_reconciler.announce_events() returns trigger language plpgsql as $function$
begin
  if not pg_catalog.pg_try_advisory_xact_lock_shared(pg_catalog.hashtextextended('artwork_reconciler.listener', 0)) then
    notify artwork_reconciler_events;
  end if;
  return null;
end
$function$;

-- The queue is locked for a moment against those who write to it. Who waits for an editor's open transaction has all others
-- wait behind it, so this waits no longer than a moment, and tries again.
do $migration$
declare
  lock_timeout_before constant text := current_setting('lock_timeout');
begin
  perform set_config('lock_timeout', '200ms', true);
  loop
    begin
      create trigger artwork_reconciler_announce after insert on artwork_indexer.event_queue
        for each statement execute function artwork_reconciler.announce_events();
      exit;
    exception when lock_not_available then
      perform pg_sleep(0.5 + random());
    end;
  end loop;
  perform set_config('lock_timeout', lock_timeout_before, true);
end
$migration$;

-- Down Migration

do $migration$
declare
  lock_timeout_before constant text := current_setting('lock_timeout');
begin
  perform set_config('lock_timeout', '200ms', true);
  loop
    begin
      drop function artwork_reconciler.announce_events() cascade;
      exit;
    exception when lock_not_available then
      perform pg_sleep(0.5 + random());
    end;
  end loop;
  perform set_config('lock_timeout', lock_timeout_before, true);
end
$migration$;
