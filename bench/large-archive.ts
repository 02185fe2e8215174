import type { Database, Queryable, Transaction } from '../src/database/connection.ts';
import { attempts, events, reasons } from './large-queue.ts';

/** How much there is, beside `entities`: in the proportions that issue reports of a whole archive name. */
export interface LargeArchive {
  readonly entities: number;
  readonly audits: number;
  readonly completedEvents: number;
  readonly failedEvents: number;
  readonly reviews: number;
}

/** Per 5,000,000 entities: 1,000,000 completed and 100,000 failed events, 200,000 reviews. */
export function sizedLike(entities: number): LargeArchive {
  return {
    entities,
    audits: Math.round(entities * 0.4),
    completedEvents: Math.round(entities * 0.2),
    failedEvents: Math.round(entities * 0.02),
    reviews: Math.round(entities * 0.04),
  };
}

/**
 * Fills empty tables with the records of an archive that has been worked on for years: entities in every status, audits
 * with findings, attempts at events that completed or failed, open and closed reviews. The rows are made in the database,
 * without its triggers and foreign keys, which would take most of the time.
 */
export async function fillLargeArchive(db: Database, size: LargeArchive): Promise<void> {
  for (const statement of [entities, events, attempts, reasons, audits, standingFindings, reviews, actions]) {
    await db.transaction(async (tx) => {
      await tx.query(`set local session_replication_role = 'replica'`);
      await statement(tx, size);
    });
  }
  await db.query('vacuum analyze');
}

async function entities(tx: Transaction, size: LargeArchive): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid, status, priority, last_audit_at, due_at, due_cause)
     select case when n % 10 = 0 then 'event' else 'release' end::artwork_indexer.indexable_entity_type,
       gen_random_uuid(),
       case
         when n <= $3 then 'manual_review'
         when n % 100 < 55 then 'unchecked'
         when n % 100 < 97 then 'clean'
         when n % 100 < 99 then 'legacy'
         when n % 10000 = 99 then 'repair_queue'
         else 'clean'
       end::artwork_reconciler.audit_entity_status,
       case when n % 50 = 0 then 200 else 100 end,
       case when n <= $2 then now() - n * interval '8 seconds' end,
       case when n % 1000 = 54 then now() + n % 86400 * interval '1 second' end,
       case when n % 1000 = 54 then 'settling' end
     from generate_series(1, $1::int) n`,
    [size.entities, size.audits, Math.round(size.reviews / 2)],
  );
}

async function audits(tx: Transaction, size: LargeArchive): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.audit
       (audit_entity_id, asked_by, identity, decision, mode, findings, requests, started_at, decided_at)
     select n, 'pacer', case when n % 50 = 0 then 'merged' else 'live' end,
       case when n <= $2 then 'manual_review' when n % 10 = 0 then 'repair_queue' else 'clean' end
         ::artwork_reconciler.audit_decision,
       'repair',
       case when n <= $2 or n % 10 = 0 then jsonb_build_array(jsonb_build_object(
         'check', (array['files.image', 'files.extra_image', 'index.url_scheme', 'xml.value', 'item.dark'])[1 + n % 5],
         'policy', case when n <= $2 then 'review' else 'index' end, 'count', 1 + n % 7,
         'evidence', md5(n::text),
         'examples', jsonb_build_array(jsonb_build_object('subject', 'image ' || n, 'expected', 'a', 'found', 'b'))))
       else '[]' end,
       '{"metadata": 1, "ws": 1}', now() - n * interval '8 seconds', now() - n * interval '8 seconds'
     from generate_series(1, $1::int) n`,
    [size.audits, Math.round(size.reviews / 2)],
  );
}

/** What stands of each entity: its newest audit's findings, and each has one audit. */
export async function standingFindings(tx: Queryable): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.standing_finding (audit_entity_id, check_name)
     select audit_entity_id, finding->>'check'
     from artwork_reconciler.audit, jsonb_array_elements(findings) finding order by audit_entity_id`,
  );
}

async function reviews(tx: Transaction, size: LargeArchive): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.needs_manual_review
       (audit_entity_id, review_reason, status, reasons, evidence, created_at, audit_id, regressed,
        resolution_notes, resolved_at, resolved_by)
     select entity, told.reason, status::artwork_reconciler.manual_review_status,
       jsonb_build_array(jsonb_build_object('check', told.check_name, 'reason', told.reason, 'count', 1,
         'evidence', md5(n::text), 'examples', '[]'::jsonb)),
       array[md5(n::text)], now() - n * interval '7 seconds', entity, n % 100 = 0,
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
    [size.reviews],
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
