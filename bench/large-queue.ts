import type { Transaction } from '../src/database/connection.ts';
import type { LargeArchive } from './large-archive.ts';

/** Those that have ended. */
export async function events(tx: Transaction, added: LargeArchive, before: LargeArchive): Promise<void> {
  await tx.query(
    `insert into artwork_indexer.event_queue (state, entity_type, action, message, created, attempts, last_updated)
     select case when n <= $2 then 'failed' else 'completed' end::artwork_indexer.event_state,
       'release',
       case n % 5 when 0 then 'copy_image' when 1 then 'delete_image' when 2 then 'deindex' else 'index' end
         ::artwork_indexer.event_queue_action,
       case n % 5
         when 0 then jsonb_build_object('artwork_id', n, 'old_gid', gen_random_uuid(), 'new_gid', gen_random_uuid(), 'suffix', 'jpg')
         when 1 then jsonb_build_object('artwork_id', n, 'gid', gen_random_uuid(), 'suffix', 'jpg')
         else jsonb_build_object('gid', gen_random_uuid()) end,
       now() - (n + $3::int) * interval '5 seconds', case when n <= $2 then 5 else 1 end, now() - (n + $3::int) * interval '4 seconds'
     from generate_series(1, $1::int) n`,
    [added.completedEvents + added.failedEvents, added.failedEvents, before.completedEvents + before.failedEvents],
  );
}

/** 200, as many as there are at a busy moment however large the archive is. */
export async function queued(tx: Transaction): Promise<void> {
  await tx.query(
    `insert into artwork_indexer.event_queue (state, entity_type, action, message, created)
     select 'queued', 'release', 'index', jsonb_build_object('gid', gen_random_uuid()), now() - n * interval '1 second'
     from generate_series(1, 200) n`,
  );
}

/** The one that ended each; of failed ones, the last of five. */
export async function attempts(tx: Transaction): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.event_attempt (event, run_id, attempt, started_at, ended_at, outcome, status)
     select id, 'run-' || id, attempts, last_updated - interval '1 second', last_updated, state::text,
       case when state = 'failed' then 503 end
     from artwork_indexer.event_queue
     where state in ('completed', 'failed') and id > (select coalesce(max(event), 0) from artwork_reconciler.event_attempt)`,
  );
}

/** Why the failed ones failed: half a dozen reasons. */
export async function reasons(tx: Transaction): Promise<void> {
  await tx.query(
    `insert into artwork_indexer.event_failure_reason (event, failure_reason, created)
     select id, (array[
         'HTTP 503: SlowDown, please reduce your request rate',
         'HTTP 403: AccessDenied, you lack the right to this item',
         'timeout after 30 s of PUT index.json',
         'HTTP 500 from the delivery node',
         'the web service answered 404 for ' || coalesce(message->>'gid', 'nothing'),
         'the owner’s item has no original of image ' || coalesce(message->>'artwork_id', '0')
       ])[1 + id % 6], last_updated
     from artwork_indexer.event_queue
     where state = 'failed' and id > (select coalesce(max(event), 0) from artwork_indexer.event_failure_reason)`,
  );
}

/** Those of the last days, whose ends housekeeping would look for otherwise. */
export async function noticed(tx: Transaction): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.noticed_event (event_id, noticed_at)
     select id, last_updated from artwork_indexer.event_queue
     where state in ('completed', 'failed') and last_updated > now() - interval '4 days'
     on conflict do nothing`,
  );
}
