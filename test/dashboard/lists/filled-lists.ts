import type { Database } from '../../../src/database/connection.ts';
import { resolveReview } from '../../../src/database/entities/close-review.ts';
import { handOver } from '../../../src/database/entities/hand-over.ts';
import { releaseEntity } from '../../../src/database/entities/release-entity.ts';
import { dismissEvents } from '../../../src/database/queue/dismiss-events.ts';
import type { EntityKey } from '../../../src/domain/entity.ts';
import {
  addAuditEntity,
  audit,
  begin,
  clean,
  finding,
  index as indexRepair,
  repair,
  review,
  settings,
} from '../../database/entities/support.ts';
import { A, B, C, copy, deletion, index, insertEvent, type NewEvent } from '../../database/queue/queue.ts';

export { A };

/** The bulk action whose rows there are. */
export const actionId = '11111111-1111-4111-8111-111111111111';
export const reviewActionId = '22222222-2222-4222-8222-222222222222';
export const entityActionId = '33333333-3333-4333-8333-333333333333';
/** The kind of reason for which most events failed. */
export const kind = 'HTTP 503: SlowDown';
/** The group of the reviews of dark items. */
export const group = 'item.dark: index.json: expected there, found nothing';

/** The entity whose newest audit has repairs, and was judged by checks of long ago. */
export const repairedGid = '00000000-0000-4000-8000-000000000005';
/** The entity whose review is handed over. */
export const handedOverGid = '00000000-0000-4000-8000-000000000008';

/** Rows of every list, so that each of its fields chooses some of them and not all. */
export async function fillLists(db: Database): Promise<void> {
  await fillEvents(db);
  await fillEntities(db);
  await orderOne(db);
  await fillRecord(db);
  await db.query(
    `insert into artwork_reconciler.bulk_action (id, kind, filter, planned_by)
     values ($1, 'requeue_events', '{}', 'ida'), ($2, 'resolve_reviews', '{}', 'ida'),
       ($3, 'recheck_entities', '{}', 'ida')`,
    [actionId, reviewActionId, entityActionId],
  );
  await db.query(
    `insert into artwork_reconciler.bulk_action_row (bulk_action, target, place, planned, outcome, reason)
     values ($1, 1, now(), 'done', 'done', null), ($1, 2, now(), 'done', 'refused', 'it is queued'),
       ($1, 3, now(), 'refused', 'refused', 'it is queued'), ($1, 4, now(), 'skipped', null, null),
       ($2, 1, now(), 'done', 'refused', 'it is resolved'), ($2, 2, now(), 'done', 'done', null),
       ($3, 1, now(), 'done', 'done', null), ($3, 2, now(), 'done', 'refused', 'it is audited')`,
    [actionId, reviewActionId, entityActionId],
  );
}

async function fillEvents(db: Database): Promise<void> {
  const fail = async (event: NewEvent, reason: string): Promise<number> => {
    const id = await insertEvent(db, { ...event, state: 'failed', attempts: 5 });
    await db.query('insert into artwork_indexer.event_failure_reason (event, failure_reason) values ($1, $2)', [
      id,
      reason,
    ]);
    return id;
  };
  await fail({ ...index(A), age: 300 }, 'HTTP 503: SlowDown');
  await fail({ ...deletion(1, B), age: 10 }, 'HTTP 503: SlowDown');
  await fail({ ...index(B), entityType: 'event', age: 300 }, 'HTTP 404');
  const dismissed = await fail({ ...index(C), age: 20 }, 'HTTP 503: SlowDown');
  await dismissEvents(db, [dismissed], { actor: 'ida' });
  await insertEvent(db, { ...deletion(2, A), age: 300 });
  await insertEvent(db, { ...index(C), entityType: 'event' });
  await insertEvent(db, { ...copy(3, A, B), state: 'completed', age: 400 });
  await insertEvent(db, { action: 'noop', message: {}, state: 'running' });
}

/** An event that an audit ordered which found item.dark. */
async function orderOne(db: Database): Promise<void> {
  const ordered = await insertEvent(db, { ...index(B), age: 200 });
  await db.query(`insert into artwork_reconciler.event_origin (event, origin) values ($1, 'audit')`, [ordered]);
  await db.query(
    `insert into artwork_reconciler.audit_repair (audit_id, position, action, message, event_id)
     select id, 0, 'index', '{}', $1 from artwork_reconciler.audit
     where findings @> '[{"check": "item.dark"}]' order by id limit 1`,
    [ordered],
  );
}

async function fillEntities(db: Database): Promise<void> {
  const dark = finding('item.dark', 'review');
  const stray = {
    ...finding('files.stray_thumbnail', 'review'),
    examples: [{ subject: 'a_thumb.jpg', expected: 'nothing', found: 'there', policy: 'review' as const }],
  };
  const add = (entityType: EntityKey['entityType'], gid?: string) =>
    addAuditEntity(db, gid === undefined ? {} : { key: { entityType, gid } });
  const another = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;
  const reviewOf = async (entity: { readonly id: number }): Promise<number> => {
    const { rows } = await db.query<{ id: number }>(
      `select id from artwork_reconciler.needs_manual_review where audit_entity_id = $1 and status = 'open'`,
      [entity.id],
    );
    return rows[0]!.id;
  };
  const resolve = async (entity: { readonly id: number }) =>
    resolveReview(db, { reviewId: await reviewOf(entity), actor: 'eve', note: 'seen to' });

  await audit(db, await add('release', A), review(dark));
  await audit(db, await add('event', another(1)), review(stray));
  const regressed = await add('event', another(2));
  await audit(db, regressed, review(dark));
  await resolve(regressed);
  await audit(db, regressed, review(dark));
  const resolved = await add('release', another(3));
  await audit(db, resolved, review(stray, finding('files.image_unique', 'review')));
  await resolve(resolved);
  await audit(db, await add('event', another(4)), { ...clean, findings: [finding('files.thumbnail', 'report')] });
  const mended = await add('release', repairedGid);
  await audit(db, mended, repair([indexRepair(mended)]));
  await db.query(`update artwork_reconciler.audit set checks_version = '0.0.8' where audit_entity_id = $1`, [
    mended.id,
  ]);
  await add('release', another(6));
  const waiting = await begin(db, await add('release', another(7)));
  await releaseEntity(
    db,
    { entityId: waiting.entityId, runId: waiting.runId, cause: 'settling', reason: 'changed' },
    settings,
  );
  const handedOver = await addAuditEntity(db, { key: { entityType: 'release', gid: handedOverGid } });
  await audit(db, handedOver, review(stray));
  const how = { to: 'archive_staff', days: 90 } as const;
  await handOver(db, [{ entityId: handedOver.id, checks: ['files.stray_thumbnail'] }], how, { actor: 'ida' });
  await db.query(
    `update artwork_reconciler.audit set decided_at = decided_at - interval '5 hours' where audit_entity_id = $1`,
    [resolved.id],
  );
  await db.query(
    `update artwork_reconciler.audit_entity
     set priority = case when gid in ($1, $2) then 200 else priority end,
       last_audit_at = last_audit_at - case when gid in ($1, $3) then interval '5 hours' else interval '0' end`,
    [A, another(6), another(4)],
  );
  await db.query(
    `update artwork_reconciler.needs_manual_review set created_at = created_at - interval '5 hours'
     where audit_entity_id in (select id from artwork_reconciler.audit_entity where gid in ($1, $2))`,
    [A, another(3)],
  );
}

async function fillRecord(db: Database): Promise<void> {
  await db.query(
    `insert into artwork_reconciler.operator_action (actor, action, target, before, after, at)
     values ('ida', 'set pace', 'pace', '{"set_per_hour": 600}', '{"set_per_hour": 10}', now()),
       ('eve', 'set pace', 'pace', null, null, now() - interval '5 hours'),
       ('ida', 'release brake', 'breaker', null, null, now() - interval '5 hours'),
       ('ida', 'resolve review', 'review 7', null, null, now())`,
  );
}
