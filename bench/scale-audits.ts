import type { Database } from '../src/database/connection.ts';
import { standingFindings } from './large-archive.ts';

/** What an audit found, as it is stored. */
export function finding(check: string, policy: string): string {
  const examples = [{ subject: 'image 1234567890', expected: 'mbid-…_thumb250.jpg', found: 'no such file' }];
  return JSON.stringify([{ check, policy, count: 1, evidence: '0123456789abcdef', examples }]);
}

/**
 * A decided audit of each entity, of which a third found something, as often as the audit of 2021 did: thumbnails that
 * lack in one of four, one of a hundred for a person, one of ten thousand dark.
 */
export async function seedAudits(db: Database): Promise<void> {
  await db.query(
    `insert into artwork_reconciler.audit (audit_entity_id, asked_by, identity, decision, mode, findings, started_at)
     select id, 'pacer', 'live',
       case when id % 100 = 0 then 'manual_review'::artwork_reconciler.audit_decision else 'clean' end, 'report',
       case when id % 10000 = 0 then $1::jsonb when id % 100 = 0 then $2::jsonb when id % 4 = 0 then $3::jsonb else '[]' end,
       now()
     from artwork_reconciler.audit_entity order by id`,
    [finding('item.dark', 'review'), finding('files.image_unique', 'review'), finding('files.thumbnail', 'report')],
  );
  await standingFindings(db);
  await db.query('vacuum analyze artwork_reconciler.audit, artwork_reconciler.standing_finding');
}

/**
 * A newer audit of each fifth entity, which found something to repair in report mode: they wait for repair mode. Most of
 * them are old indexes, as in the archive.
 */
export async function seedWaitingRepairs(db: Database): Promise<void> {
  await db.query(
    `with audited as (
       insert into artwork_reconciler.audit (audit_entity_id, asked_by, identity, decision, mode, findings, requests, started_at)
       select id, 'pacer', 'live', 'repair_queue', 'report', case when id % 50 = 0 then $1::jsonb else $2::jsonb end,
         '{"metadata": 1, "download": 2, "ws": 1}', now()
       from artwork_reconciler.audit_entity where id % 5 = 0 order by id
       returning id, audit_entity_id
     ), ordered as (
       insert into artwork_reconciler.audit_repair (audit_id, position, action, message)
       select audited.id, 0, 'index', jsonb_build_object('gid', entity.gid)
       from audited join artwork_reconciler.audit_entity entity on entity.id = audited.audit_entity_id
     )
     update artwork_reconciler.audit_entity entity
     set status = 'unchecked', due_at = now() + interval '1 year' + entity.id * interval '1 second', due_cause = 'report_mode'
     from audited where audited.audit_entity_id = entity.id`,
    [finding('xml.value', 'index'), finding('index.url_scheme', 'index')],
  );
  await db.query(
    'vacuum analyze artwork_reconciler.audit, artwork_reconciler.audit_repair, artwork_reconciler.audit_entity',
  );
}
