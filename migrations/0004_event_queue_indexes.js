/**
 * Indexes of ours on artwork-indexer's tables. MusicBrainz' triggers write to the queue inside the transactions of its
 * editors, so each index is judged by what an INSERT of a `queued` row pays for it:
 *
 * - `due` and `open_item`: one entry each; the first appends at its right end, the second's tree holds open events only.
 * - `open_target`: copies only. `dependents`: events with `depends_on` only, that is moves and deletions of images, not
 *   the thousands of `index` events of an artist's new name.
 * - all others: nothing. Their predicates leave new rows out; the daemon that ends or retries an event pays.
 *
 * No index holds what artwork-indexer's own hold already: a change of `state` was never a heap-only update.
 * The expressions are those of src/database/queue/event-sql.ts: a plan uses an index only where they agree.
 */

/** The first item an event touches. Cut to an MBID's length, so that no message is too long for an index entry. */
const item = `lower(left(case when action = 'copy_image' then message->>'old_gid' else message->>'gid' end, 36))`;
/** The second item that a copy touches. */
const target = `lower(left(message->>'new_gid', 36))`;
const open = `state <> 'completed' and state <> 'failed'`;
const ended = `state <> 'queued' and state <> 'running'`;

/** Name → what stands after `on`. */
const indexes = {
  // The poll's order, by entity type: where one archive's keys are refused, its thousands of events are not walked over.
  reconciler_event_due: `event_queue (entity_type, created, id) where state = 'queued' and attempts = 0`,
  // Retries have their own, by the time they have waited since: those that still wait cost the poll nothing.
  reconciler_event_retry: `event_queue (entity_type, attempts, last_updated, id) where state = 'queued' and attempts > 0`,
  // Which open events touch an item: the order per item, and whether this is the moment for an audit.
  reconciler_event_open_item: `event_queue ((${item}), created, id) where ${open}`,
  reconciler_event_open_target: `event_queue ((${target}), created, id) where ${open} and action = 'copy_image'`,
  // The last event that ended of an entity, and the last copy that an item got.
  reconciler_event_ended_item: `event_queue ((${item}), last_updated, id) where ${ended}`,
  reconciler_event_ended_target: `event_queue ((${target}), last_updated, id) where ${ended} and action = 'copy_image'`,
  // What the other daemon ended since housekeeping last looked.
  reconciler_event_ended: `event_queue (last_updated, id) where ${ended}`,
  // The page of failed events; `failed` rows are kept for ever.
  reconciler_event_failed: `event_queue (id) where state = 'failed'`,
  // What depends on an event that failed. Without a pending list: that would only move the cost to whoever reads.
  reconciler_event_dependents: `event_queue using gin (depends_on) with (fastupdate = off)
    where depends_on is not null and state in ('queued', 'failed')`,
  // Every deletion of a completed event looks for its reasons, and artwork-indexer has no index for that.
  reconciler_event_failure_reason: `event_failure_reason (event)`,
};

/** @param {import('node-pg-migrate').MigrationBuilder} pgm */
export async function up(pgm) {
  // An index can't be made concurrently in a transaction; made otherwise it would stop MusicBrainz' editors meanwhile.
  pgm.noTransaction();
  for (const [name, definition] of Object.entries(indexes)) {
    // One that was interrupted half-way is left behind invalid, and `if not exists` would take it for the real thing.
    const invalid = await pgm.db.select(`
      select from pg_catalog.pg_index
      where indexrelid = to_regclass('artwork_indexer.${name}') and not indisvalid`);
    if (invalid.length > 0) pgm.sql(`drop index concurrently artwork_indexer.${name}`);
    pgm.sql(`create index concurrently if not exists ${name} on artwork_indexer.${definition}`);
  }
}

/** @param {import('node-pg-migrate').MigrationBuilder} pgm */
export function down(pgm) {
  pgm.noTransaction();
  for (const name of Object.keys(indexes)) pgm.sql(`drop index concurrently if exists artwork_indexer.${name}`);
}
