import { beforeEach, describe, expect, test } from 'vitest';
import { readAuditEntity, readAuditHistory } from '../../../src/database/audits/entity-history.ts';
import { trimHistory } from '../../../src/database/audits/trim-history.ts';
import { forgetUnconfirmed } from '../../../src/database/bulk-actions/bulk-action.ts';
import { resolveReview } from '../../../src/database/entities/close-review.ts';
import { findingList } from '../../../src/database/entities/list-findings.ts';
import { releaseEntity } from '../../../src/database/entities/release-entity.ts';
import type { EntityKey } from '../../../src/domain/entity.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  addAuditEntity,
  audit,
  begin,
  clean,
  endEvent,
  finding,
  index,
  repair,
  review,
  settings,
} from '../entities/support.ts';
import { wholeList } from '../../support/lists.ts';

const { db } = await createTestDatabase();
beforeEach(async () => {
  await db.query('truncate artwork_reconciler.audit_entity, artwork_indexer.event_queue cascade');
  await db.query(`update artwork_reconciler.history_place set decided_at = '-infinity', audit_id = 0`);
});

/** A breaker that looks at the very last audit only, so that the others are told by their own rules. */
const trim = ({ days = 730, breakerWindow = 1 } = {}): Promise<number> =>
  trimHistory(db, { audit: { breakerWindow }, housekeeping: { keepAuditDays: days } });

/** Makes all audits there are so many days older. */
async function age(days: number): Promise<void> {
  await db.query(`update artwork_reconciler.audit set decided_at = decided_at - make_interval(days => $1)`, [days]);
}

async function kept(entity: EntityKey & { readonly id: number }): Promise<number[]> {
  return (await readAuditHistory(db, entity.id, { limit: 100 })).map(({ id }) => id).reverse();
}

/** So that the last one of all is none of those that a test is about. */
async function oneMore(): Promise<void> {
  await audit(db, await addAuditEntity(db), clean);
}

async function release(key: EntityKey): Promise<void> {
  const { entityId, runId } = await begin(db, key);
  await releaseEntity(db, { entityId, runId, cause: 'unreadable', reason: '503' }, settings);
}

test('what is old goes, what is younger stays, and the newest decision about each entity stays however old', async () => {
  const entity = await addAuditEntity(db);
  await audit(db, entity, clean);
  await audit(db, entity, clean);
  await age(400);
  const { auditId: newest } = await audit(db, entity, clean);
  await age(400);
  const quiet = await addAuditEntity(db);
  const { auditId: only } = await audit(db, quiet, { ...clean, findings: [finding('files.thumbnail', 'report')] });
  await age(731);
  const young = await addAuditEntity(db);
  const { auditId: first } = await audit(db, young, clean);
  const { auditId: second } = await audit(db, young, clean);

  expect(await trim()).toBe(2);
  expect([await kept(entity), await kept(quiet), await kept(young)]).toEqual([[newest], [only], [first, second]]);
  expect(await trim()).toBe(0);
  const listed = await wholeList(db, findingList, { checks: ['files.thumbnail'] });
  expect(listed).toMatchObject([{ auditId: only }]);
});

test('an audit that decided nothing goes once another came after it; what came after the newest decision stays', async () => {
  const entity = await addAuditEntity(db);
  await release(entity);
  await release(entity);
  const { auditId: decided } = await audit(db, entity, clean);
  await release(entity);
  await release(entity);
  await age(800);
  await oneMore();
  expect(await trim()).toBe(3);
  const left = await readAuditHistory(db, entity.id, { limit: 10 });
  expect(left.map(({ id, decision }) => [id === decided, decision])).toEqual([
    [false, 'not_now'],
    [true, 'clean'],
  ]);
});

describe('however old, there stays', () => {
  test('the audit whose repairs an entity waits for, until they were verified', async () => {
    const entity = await addAuditEntity(db);
    const { auditId, eventIds } = await audit(db, entity, repair([index(entity)]));
    await age(800);
    await oneMore();
    expect(await trim()).toBe(0);
    await endEvent(db, { eventId: eventIds[0]!, entityType: 'release', gids: [entity.gid] }, 'completed');
    await audit(db, entity, clean);
    // Its event's row is still there, which leads to it.
    expect(await trim()).toBe(0);
    await db.query('delete from artwork_indexer.event_queue where id = $1', [eventIds[0]]);
    await db.query(`update artwork_reconciler.history_place set decided_at = '-infinity', audit_id = 0`);
    expect(await trim()).toBe(1);
    expect(await kept(entity)).not.toContain(auditId);
    const { rows } = await db.query('select from artwork_reconciler.audit_repair');
    expect(rows).toEqual([]);
  });

  test('an audit of which a repair has failed for good: its event may be requeued', async () => {
    const entity = await addAuditEntity(db);
    const { auditId, eventIds } = await audit(db, entity, repair([index(entity)]));
    await endEvent(db, { eventId: eventIds[0]!, entityType: 'release', gids: [entity.gid] }, 'failed');
    await audit(db, entity, clean);
    await age(800);
    await oneMore();
    expect(await trim()).toBe(0);
    expect(await kept(entity)).toContain(auditId);
  });

  test('an audit that a review’s reasons come from, also after the review was closed; and the review itself', async () => {
    const entity = await addAuditEntity(db);
    const { auditId } = await audit(db, entity, review(finding('item.dark', 'review')));
    const { rows } = await db.query<{ id: number }>('select id from artwork_reconciler.needs_manual_review');
    await resolveReview(db, { reviewId: rows[0]!.id, actor: 'ida', note: 'seen to' });
    await audit(db, entity, clean);
    await audit(db, entity, clean);
    await age(800);
    await oneMore();
    expect(await trim()).toBe(1);
    expect(await kept(entity)).toContain(auditId);
    const { rows: reviews } = await db.query(
      'select audit_id, status::text from artwork_reconciler.needs_manual_review',
    );
    expect(reviews).toEqual([{ audit_id: auditId, status: 'resolved' }]);
  });

  test('what the breaker looks at', async () => {
    const entity = await addAuditEntity(db);
    for (let n = 0; n < 6; n += 1) await audit(db, entity, clean);
    const all = await kept(entity);
    await age(800);
    expect(await trim({ breakerWindow: 7 })).toBe(0);
    await db.query(`update artwork_reconciler.history_place set decided_at = '-infinity', audit_id = 0`);
    expect(await trim({ breakerWindow: 4 })).toBe(2);
    expect(await kept(entity)).toEqual(all.slice(2));
  });

  test('as many of those as it looks at: audits of orphans, and those that decided nothing, are none', async () => {
    const entity = await addAuditEntity(db);
    for (let n = 0; n < 6; n += 1) await audit(db, entity, clean);
    const all = await kept(entity);
    const orphan = await addAuditEntity(db);
    await audit(db, orphan, clean);
    await db.query(`update artwork_reconciler.audit set identity = 'deleted' where audit_entity_id = $1`, [orphan.id]);
    await release(orphan);
    await age(800);
    expect(await trim({ breakerWindow: 4 })).toBe(2);
    expect(await kept(entity)).toEqual(all.slice(2));
  });
});

test('the record of what operators did stays for ever', async () => {
  await db.query(
    `insert into artwork_reconciler.operator_action (at, actor, action, target)
     values (now() - interval '20 years', 'eve', 'resolve review', 'review 7')`,
  );
  await audit(db, await addAuditEntity(db), clean);
  await age(9000);
  await trim({ days: 0 });
  expect((await db.query(`select from artwork_reconciler.operator_action where actor = 'eve'`)).rowCount).toBe(1);
});

test('dry runs of bulk actions that nobody confirmed go after some hours; what was confirmed stays for ever', async () => {
  const plan = async (hours: number, confirmed: boolean): Promise<string> => {
    const { rows } = await db.query<{ id: string }>(
      `insert into artwork_reconciler.bulk_action (id, kind, filter, state, planned_by, created_at, confirmed_at)
       values (gen_random_uuid(), 'requeue_events', '{}', $1, 'eve', now() - make_interval(hours => $2), $3) returning id`,
      [confirmed ? 'done' : 'planned', hours, confirmed ? new Date(0) : null],
    );
    return rows[0]!.id;
  };
  await plan(25, false);
  const kept = [await plan(23, false), await plan(25, true), await plan(200_000, true)];
  expect(await forgetUnconfirmed(db, 24)).toBe(1);
  const { rows } = await db.query<{ id: string }>('select id from artwork_reconciler.bulk_action');
  expect(rows.map(({ id }) => id).sort()).toEqual(kept.sort());
});

test('thousands that stay are looked at once, and what is behind them is found; then it starts again', async () => {
  const entity = await addAuditEntity(db);
  // Entities with one audit each, which stays.
  await db.query(
    `with made as (
       insert into artwork_reconciler.audit_entity (entity_type, gid)
       select 'release', gen_random_uuid() from generate_series(1, 21000) returning id
     )
     insert into artwork_reconciler.audit (audit_entity_id, asked_by, identity, decision, mode, started_at, decided_at)
     select id, 'pacer', 'live', 'clean', 'report', now(), now() - interval '900 days' from made`,
  );
  for (let n = 0; n < 2; n += 1) await audit(db, entity, clean);
  await age(800);
  await oneMore();
  // Autovacuum does it after so many rows; without, what plan is chosen depends on when it last ran.
  await db.query('analyze artwork_reconciler.audit, artwork_reconciler.audit_entity');
  expect([await trim(), await trim()]).toEqual([0, 1]);
  await db.query(
    `update artwork_reconciler.audit set decided_at = now() - interval '2000 days'
     where id = (select max(id) from artwork_reconciler.audit where audit_entity_id = $1)`,
    [entity.id],
  );
  await audit(db, entity, clean);
  expect(await trim()).toBe(1);
  expect(await readAuditEntity(db, entity)).toMatchObject({ status: 'clean' });
}, 120_000);
