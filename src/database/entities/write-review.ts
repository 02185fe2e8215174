import type { Config } from '../../config/config.ts';
import sql from 'sql-template-tag';
import type { ReviewReason } from '../../domain/decision/review-reason.ts';
import { priorities } from '../../domain/priorities.ts';
import type { Queryable, Transaction } from '../connection.ts';
import { clear } from './claims.ts';
import { takeBackForNews } from './hand-over.ts';

/** What people have said, or are yet to say, about an audit entity. */
export interface ReviewState {
  /** The evidence of its findings that shall stay, sorted by JavaScript's order of strings. */
  readonly wontFixEvidence: readonly string[];
  readonly hasOpenReview: boolean;
  /** The mode in force; null where no worker has written one yet (`readMode`). */
  readonly mode: Config['audit']['mode'] | null;
}

/**
 * Hands an entity to a person: `manual_review`, its claim cleared. The caller opens the review in the same transaction
 * and holds the row's lock.
 *
 * The consecutive repairs are kept: where repairs don't take, an event that completes has the entity audited again, and
 * that audit must not begin a new streak. They end when a person closes the review, or with a clean audit.
 */
export async function makeManualReview(q: Queryable, entityId: number): Promise<void> {
  await q.query(
    `update artwork_reconciler.audit_entity
     set status = 'manual_review',
         priority = $2,
         ${clear('due', 'claim', 'waiting', 'returns', 'discards')}
     where id = $1`,
    [entityId, priorities.usual],
  );
}

/** What `review_reason` says: all reasons, a line each. */
function reasonsInWords(reasons: readonly ReviewReason[]): string {
  return reasons.map(({ reason }) => reason).join('\n');
}

/** The one open review of an entity. */
interface OpenReview {
  readonly id: number;
  readonly reasons: readonly ReviewReason[];
}

/**
 * What an audit found replaces the reasons of the open review, or opens one.
 *
 * Like all of this file it is called under the entity's row lock: that is what keeps two transactions from opening a
 * review each (the unique index would refuse the second).
 */
export async function replaceReview(
  tx: Transaction,
  entityId: number,
  reasons: readonly ReviewReason[],
  auditId: number | null,
): Promise<number> {
  const open = await readOpen(tx, entityId);
  return writeReasons(tx, entityId, open, reasons, auditId);
}

/** Something that is no audit's decision needs a person: it is added to the open review's reasons, or opens one. */
export async function addToReview(
  tx: Transaction,
  entityId: number,
  added: readonly ReviewReason[],
  auditId: number | null = null,
): Promise<number> {
  const open = await readOpen(tx, entityId);
  const before = open?.reasons ?? [];
  const fresh = added.filter(({ reason }) => !before.some((known) => known.reason === reason));
  return writeReasons(tx, entityId, open, [...before, ...fresh], auditId);
}

/**
 * After an audit that needs no person (now): the open review, if there is one, is resolved with the note "gone at
 * audit n"; but where some of its reasons still stand, these are kept.
 *
 * @param standing all that was found and is more than a report
 */
export async function closeOrKeepReview(
  tx: Transaction,
  entityId: number,
  auditId: number,
  standing: readonly ReviewReason[],
): Promise<void> {
  const open = await readOpen(tx, entityId);
  if (!open) return;
  const stillThere = standing.filter(({ check }) => open.reasons.some((reason) => reason.check === check));
  if (stillThere.length > 0) {
    await writeReasons(tx, entityId, open, stillThere, auditId);
    return;
  }
  await tx.query(
    `update artwork_reconciler.needs_manual_review
     set status = 'resolved', resolution_notes = $2, resolved_at = now(), resolved_by = null,
         audit_id = $3, updated_at = now()
     where id = $1`,
    [open.id, `gone at audit ${auditId}`, auditId],
  );
}

async function readOpen(tx: Transaction, entityId: number): Promise<OpenReview | undefined> {
  const { rows } = await tx.query<OpenReview & { readonly id: number }>(
    `select id, reasons from artwork_reconciler.needs_manual_review
     where audit_entity_id = $1 and status = 'open'
     for update`,
    [entityId],
  );
  return rows[0];
}

/** Regressed: a person had called a review resolved that rested on the same evidence. */
async function writeReasons(
  tx: Transaction,
  entityId: number,
  open: OpenReview | undefined,
  reasons: readonly ReviewReason[],
  auditId: number | null,
): Promise<number> {
  const evidence = [...new Set(reasons.flatMap((reason) => (reason.evidence === null ? [] : [reason.evidence])))];
  const checks = reasons.map(({ check }) => check ?? '');
  await takeBackForNews(tx, entityId, [...new Set(checks)]);
  const words = reasonsInWords(reasons);
  const json = JSON.stringify(reasons);
  const regressed = sql`exists (
    select from artwork_reconciler.needs_manual_review earlier
    where earlier.audit_entity_id = ${entityId} and earlier.status = 'resolved' and earlier.resolved_by is not null
      and earlier.evidence && ${evidence}::text[])`;
  const { rows } = open
    ? await tx.query<{ id: number }>(
        sql`update artwork_reconciler.needs_manual_review
         set review_reason = ${words}, reasons = ${json}, evidence = ${evidence}, audit_id = coalesce(${auditId}, audit_id),
             regressed = ${regressed}, updated_at = now()
         where id = ${open.id} and audit_entity_id = ${entityId}
         returning id`,
      )
    : await tx.query<{ id: number }>(
        sql`insert into artwork_reconciler.needs_manual_review
           (audit_entity_id, review_reason, reasons, evidence, audit_id, regressed)
         values (${entityId}, ${words}, ${json}, ${evidence}, ${auditId}, ${regressed})
         returning id`,
      );
  const [row] = rows;
  if (!row) throw new Error(`review of entity ${entityId} was not written: expected one row`);
  return row.id;
}
