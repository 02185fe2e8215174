import type { Database } from '../src/database/connection.ts';
import { standingFindings } from './large-archive.ts';

/**
 * A decided audit of each entity, of which a third found something, as often as the audit of 2021 did: thumbnails that
 * lack in one of four, one of a hundred for a person, one of ten thousand dark.
 */
export async function seedAudits(db: Database): Promise<void> {
  const finding = (check: string, policy: string): string =>
    JSON.stringify([
      {
        check,
        policy,
        count: 1,
        evidence: '0123456789abcdef',
        examples: [{ subject: 'image 1234567890', expected: 'mbid-…_thumb250.jpg', found: 'no such file' }],
      },
    ]);
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
