import type { Database, Queryable, Transaction } from '../src/database/connection.ts';
import { attempts, events, noticed, queued, reasons } from './large-queue.ts';

/** How much there is, beside `entities`: in the proportions that issue reports of a whole archive name. */
export interface LargeArchive {
  readonly entities: number;
  readonly audits: number;
  readonly completedEvents: number;
  readonly failedEvents: number;
  readonly reviews: number;
}

/** Per 5,000,000 entities: 1,000,000 completed and 100,000 failed events, 200,000 reviews. */
function sizedLike(entities: number): LargeArchive {
  return {
    entities,
    audits: Math.round(entities * 0.4),
    completedEvents: Math.round(entities * 0.2),
    failedEvents: Math.round(entities * 0.02),
    reviews: Math.round(entities * 0.04),
  };
}

/**
 * Fills tables with the records of an archive that has been worked on for years: entities in every status, audits with
 * findings, attempts at events that completed or failed, open and closed reviews. The rows are made in the database,
 * without its triggers and foreign keys, which would take most of the time.
 *
 * @param from how many entities they hold already: what is added is older than what is there
 */
export async function fillLargeArchive(db: Database, entitiesNow: number, from = 0): Promise<void> {
  const added = sizedLike(entitiesNow - from);
  const before = sizedLike(from);
  const once = from === 0 ? [queued, actions] : [];
  for (const statement of [entities, events, attempts, reasons, noticed, audits, standingFindings, reviews, ...once]) {
    await db.transaction(async (tx) => {
      await tx.query(`set local session_replication_role = 'replica'`);
      await statement(tx, added, before);
    });
  }
  await db.query('vacuum analyze');
}

async function entities(tx: Transaction, added: LargeArchive, before: LargeArchive): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid, status, priority, last_audit_at, due_at, due_cause)
     select case when n % 10 = 0 then 'event' else 'release' end::artwork_indexer.indexable_entity_type,
       gen_random_uuid(),
       case
         when n <= $3 then 'manual_review'
         when n > $2 or n % 100 < 8 then 'unchecked'
         when n % 100 < 97 then 'clean'
         when n % 100 < 99 then 'legacy'
         when n % 10000 = 99 then 'repair_queue'
         else 'clean'
       end::artwork_reconciler.audit_entity_status,
       case when n % 50 = 0 then 200 else 100 end,
       case when n <= $2 then now() - (n + $4::int) * interval '8 seconds' end,
       case when n % 1000 = 4 then now() + n % 86400 * interval '1 second' end,
       case when n % 1000 = 4 then 'settling' end
     from generate_series(1, $1::int) n`,
    [added.entities, added.audits, Math.round(added.reviews / 2), before.audits],
  );
}

async function audits(tx: Transaction, added: LargeArchive, before: LargeArchive): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.audit
       (audit_entity_id, asked_by, identity, decision, mode, findings, requests, started_at, decided_at)
     select n + $4::int, 'pacer', case when n % 50 = 0 then 'merged' else 'live' end,
       case when n <= $2 then 'manual_review' when n % 10 = 0 then 'repair_queue' else 'clean' end
         ::artwork_reconciler.audit_decision,
       'repair',
       case when n <= $2 or n % 10 = 0 then jsonb_build_array(jsonb_build_object(
         'check', (array['files.image', 'files.extra_image', 'index.url_scheme', 'xml.value', 'item.dark'])[1 + n % 5],
         'policy', case when n <= $2 then 'review' else 'index' end, 'count', 1 + n % 7,
         'evidence', md5(n::text),
         'examples', jsonb_build_array(jsonb_build_object('subject', 'image ' || n, 'expected', 'a', 'found', 'b'))))
       else '[]' end,
       '{"metadata": 1, "ws": 1}', decided.at, decided.at
     from generate_series(1, $1::int) n, lateral (select now() - (n + $3::int) * interval '8 seconds' as at) decided`,
    [added.audits, Math.round(added.reviews / 2), before.audits, before.entities],
  );
}

/** What stands of each entity that had none: its newest audit's findings, and each has one audit. */
export async function standingFindings(tx: Queryable): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.standing_finding (audit_entity_id, check_name)
     select audit_entity_id, finding->>'check'
     from artwork_reconciler.audit, jsonb_array_elements(findings) finding
     where audit_entity_id > (select coalesce(max(audit_entity_id), 0) from artwork_reconciler.standing_finding)
     order by audit_entity_id`,
  );
}

async function reviews(tx: Transaction, added: LargeArchive, before: LargeArchive): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.needs_manual_review
       (audit_entity_id, review_reason, status, reasons, evidence, created_at, audit_id, regressed,
        resolution_notes, resolved_at, resolved_by)
     select entity + $2::int, told.reason, status::artwork_reconciler.manual_review_status,
       jsonb_build_array(jsonb_build_object('check', told.check_name, 'reason', told.reason, 'count', 1,
         'evidence', md5(n::text), 'examples', '[]'::jsonb)),
       array[md5(n::text)], now() - (n + $4::int) * interval '7 seconds', entity + $3::int, n % 100 = 0,
       case when status <> 'open' then 'seen to' end, case when status <> 'open' then now() end,
       case when status <> 'open' then 'somebody' end
     from (
       select n, 1 + (n - 1) % ($1::int / 2) as entity, case when n <= $1::int / 2 then 'open' when n % 3 = 0 then 'wont_fix'
         else 'resolved' end as status
       from generate_series(1, $1::int) n) made
     cross join lateral (
       select (array['files.image', 'files.extra_image', 'item.dark', 'files.image_unique'])[1 + n % 4] as check_name,
         (array['the original of image ' || n || ' is missing', 'image ' || n || ' belongs to nobody',
           'the item is dark, and MusicBrainz does not say so', 'image ' || n || ' has two originals'])[1 + n % 4] as reason
     ) told`,
    [added.reviews, before.entities, before.audits, before.reviews],
  );
}

async function actions(tx: Transaction): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.operator_action (at, actor, action, target, before, after, note)
     select now() - n * interval '1 minute', 'operator ' || n % 5, 'requeue events', 'event ' || n,
       '{"state": "failed"}', '{"state": "queued"}', 'note ' || n
     from generate_series(1, 50000) n`,
  );
}
