import type { Config } from '../../config/config.ts';
import type { Database } from '../connection.ts';

type TrimSettings = {
  readonly audit: Pick<Config['audit'], 'breakerWindow'>;
  readonly housekeeping: Pick<Config['housekeeping'], 'keepAuditDays'>;
};

/** Audits that a statement reads, each with its repairs. */
const batch = 1_000;

/** The limit of statements a call: after a long pause the rest follows at the next call, and housekeeping isn't held up. */
const batches = 20;

/**
 * Deletes audits that were made more than `keep_audit_days` ago, with the record of their repairs. What something rests
 * on stays, however old:
 *
 * - the newest decided audit of each entity (lists, the entity's page), and whatever came after it;
 * - the audit whose repairs the entity waits for, and any of whose repairs a row is still in the queue: failed events are
 *   kept for ever, and may be requeued;
 * - an audit that a review's reasons come from;
 * - the last ones that the breaker counts.
 *
 * The records of what operators did are no part of the history: they stay for ever.
 *
 * The place up to which it looked is kept, so that audits which stay are not read again each time; at the end it begins
 * again. Two at once do no harm.
 *
 * @returns how many were deleted
 */
export async function trimHistory(db: Database, settings: TrimSettings): Promise<number> {
  let deleted = 0;
  for (let n = 0; n < batches; n += 1) {
    const { rows } = await db.query<{ looked: number; deleted: number }>(trimStatement, [
      settings.housekeeping.keepAuditDays * 86_400,
      batch,
      settings.audit.breakerWindow,
    ]);
    const { looked, deleted: gone } = rows[0] ?? { looked: 0, deleted: 0 };
    deleted += gone;
    if (looked < batch) break;
  }
  return deleted;
}

const trimStatement = `
  with place as (select decided_at, audit_id from artwork_reconciler.history_place),
  -- Where there are fewer audits than the breaker counts, none is old enough.
  window_end as (
    select coalesce((
      select id from artwork_reconciler.audit where identity = 'live' and decision <> 'not_now'
      order by id desc offset greatest($3::int - 1, 0) limit 1), 0) as id
  ),
  page as materialized (
    select audit.id, audit.decided_at
    from artwork_reconciler.audit
    where audit.decided_at >= (select decided_at from place)
      and (audit.decided_at, audit.id) > (select decided_at, audit_id from place)
      and audit.decided_at < now() - make_interval(secs => $1)
    order by audit.decided_at, audit.id
    limit $2::int
  ),
  gone as (
    delete from artwork_reconciler.audit
    using page
    where audit.id = page.id
      and audit.id < (select id from window_end)
      and exists (
        select from artwork_reconciler.audit newer
        where newer.audit_entity_id = audit.audit_entity_id and newer.id > audit.id
          and (audit.decision = 'not_now' or newer.decision <> 'not_now'))
      and not exists (
        select from artwork_reconciler.audit_entity entity
        where entity.id = audit.audit_entity_id and entity.repair_audit_id = audit.id)
      and not exists (select from artwork_reconciler.needs_manual_review review where review.audit_id = audit.id)
      and not exists (
        select from artwork_reconciler.audit_repair repair
        join artwork_indexer.event_queue event on event.id = repair.event_id
        where repair.audit_id = audit.id)
    returning 1
  ),
  looked as (select count(*)::int as count from page),
  moved as (
    update artwork_reconciler.history_place
    set decided_at = coalesce(last.decided_at, '-infinity'), audit_id = coalesce(last.id, 0)
    from looked
    left join lateral (
      select * from page where looked.count = $2::int order by page.decided_at desc, page.id desc limit 1
    ) last on true
  )
  select looked.count as looked, (select count(*) from gone)::int as deleted from looked`;

/** Rows a statement. Each row takes its reasons and our records along; one statement of a million would hold them all locked. */
const eventBatch = 1000;

/**
 * Deletes completed events made more than `keep_completed_days` ago, as the other daemon does. Failed ones are kept for
 * ever: a person has to see to them.
 *
 * Entered by artwork-indexer's own index on (state, created). Two that delete at once share the work.
 *
 * @returns how many were deleted
 */
export async function deleteOldCompleted(
  db: Database,
  settings: { readonly housekeeping: Pick<Config['housekeeping'], 'keepCompletedDays'> },
): Promise<number> {
  for (let total = 0; ;) {
    const { rowCount } = await db.query(
      `delete from artwork_indexer.event_queue
       where id in (
         select id from artwork_indexer.event_queue
         where state = 'completed' and created < now() - make_interval(secs => $1)
         order by created
         limit $2
         for update skip locked
       )`,
      [settings.housekeeping.keepCompletedDays * 86_400, eventBatch],
    );
    total += rowCount ?? 0;
    if ((rowCount ?? 0) < eventBatch) return total;
  }
}
