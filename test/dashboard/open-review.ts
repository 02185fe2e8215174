import type { Queryable } from '../../src/database/connection.ts';
import type { Finding } from '../../src/domain/checks/finding.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import { addAuditEntity, audit, finding, review } from '../database/entities/support.ts';
import type { TestDatabase } from '../support/database.ts';

/** An item that is dark. */
export const dark = finding('item.dark', 'review');

/** An image of another entity, the one of this number. */
export function stray(n: number): Finding {
  const subject = `mbid-00000000-0000-4000-8000-000000000000-${n}.jpg`;
  const examples = [
    { subject, expected: 'an image of this entity', found: `an image "of ${n}"`, policy: 'review' as const },
  ];
  return { ...finding('files.extra_image', 'review', `evidence ${n}`), examples };
}

export interface OpenedReview extends EntityKey {
  readonly id: number;
  readonly reviewId: number;
}

/** An entity of which an audit asks a person about these findings, and the open review. */
export async function openReview(
  db: TestDatabase['db'],
  findings: readonly Finding[],
  key?: EntityKey,
): Promise<OpenedReview> {
  const entity = await addAuditEntity(db, key && { key });
  await audit(db, entity, review(...findings));
  return { ...entity, reviewId: await openReviewOf(db, entity.id) };
}

/** The open review of an audit entity. */
export async function openReviewOf(q: Queryable, entityId: number): Promise<number> {
  const { rows } = await q.query<{ id: number }>(
    `select id from artwork_reconciler.needs_manual_review where audit_entity_id = $1 and status = 'open'`,
    [entityId],
  );
  return rows[0]!.id;
}

/** Hands the open review of an audit entity over, for a day. */
export async function handOver(q: Queryable, entityId: number): Promise<void> {
  await q.query(
    `insert into artwork_reconciler.hand_over (audit_entity_id, handed_over_to, handed_over_by, handed_over_until, checks)
     values ($1, 'archive_staff', 'ida', now() + interval '1 day', '{}')`,
    [entityId],
  );
}

export interface ReviewNow {
  readonly status: string;
  readonly notes: string | null;
  readonly by: string | null;
}

export async function reviewNow(q: Queryable, id: number): Promise<ReviewNow> {
  const { rows } = await q.query<ReviewNow>(
    `select status::text, resolution_notes as notes, resolved_by as by
     from artwork_reconciler.needs_manual_review where id = $1`,
    [id],
  );
  return rows[0]!;
}
