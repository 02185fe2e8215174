import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { readAuditHistory } from '../../../src/database/audits/entity-history.ts';
import { beginAudit } from '../../../src/database/entities/begin-audit.ts';
import { claimPacedBatch } from '../../../src/database/entities/claims.ts';
import { auditsInProgress, releaseLapsedClaims, releaseLostAudit } from '../../../src/database/entities/lost-audits.ts';
import { noticeEventsEndedElsewhere } from '../../../src/database/entities/notice-ended-events.ts';
import { settleRepairQueue } from '../../../src/database/entities/settle-repairs.ts';
import type { EntityKey } from '../../../src/domain/entity.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  addAuditEntity,
  addEvent,
  audit,
  begin,
  clean,
  decideAs,
  endEvent,
  entityNow,
  finding,
  index,
  repair,
  review,
  setEventState,
  settings,
  someoneWaits,
  statusOf,
} from './support.ts';
import { listReviews } from '../../support/lists.ts';

const { db } = await createTestDatabase();
beforeEach(async () => {
  await db.query('truncate artwork_reconciler.audit_entity, artwork_reconciler.noticed_event cascade');
  await db.query('truncate artwork_indexer.event_queue cascade');
});

const ageClaim = (key: { readonly id: number }, minutes: number) =>
  db.query(`update artwork_reconciler.audit_entity set claimed_at = now() - make_interval(mins => $2) where id = $1`, [
    key.id,
    minutes,
  ]);
const claimByUs = (eventId: number) =>
  db.query(
    `insert into artwork_reconciler.event_claim (event, workflow_id, run_id, attempt, attempts_before, last_updated_before)
     values ($1, 'event-1', 'run', 1, 0, now())`,
    [eventId],
  );

describe('settling the repair queue', () => {
  test('lets out what has no open repair, whoever ended them', async () => {
    const done = await addAuditEntity(db);
    const failed = await addAuditEntity(db);
    const waiting = await addAuditEntity(db);
    const ofDone = await audit(db, done, repair([index(done)]));
    const ofFailed = await audit(db, failed, repair([index(failed)]));
    await audit(db, waiting, repair([index(waiting)]));
    await setEventState(db, ofDone.eventIds[0]!, 'completed');
    await setEventState(db, ofFailed.eventIds[0]!, 'failed');

    expect(await settleRepairQueue(db, settings)).toBe(2);

    expect(await entityNow(db, done)).toMatchObject({ status: 'unchecked', priority: 1000, dueCause: 'verification' });
    expect(await statusOf(db, failed)).toBe('manual_review');
    expect(await statusOf(db, waiting)).toBe('repair_queue');
    expect(await settleRepairQueue(db, settings)).toBe(0);
  });

  test('lets out what has lost its event rows, and what nobody ever ordered repairs for', async () => {
    const vanished = await addAuditEntity(db);
    const { eventIds } = await audit(db, vanished, repair([index(vanished)]));
    await db.query('delete from artwork_indexer.event_queue where id = $1', [eventIds[0]]);
    const byHand = await addAuditEntity(db, { status: 'repair_queue' });
    expect(await settleRepairQueue(db, settings)).toBe(2);
    expect([await statusOf(db, vanished), await statusOf(db, byHand)]).toEqual(['unchecked', 'unchecked']);
  });

  test('waits for a repair that the other daemon failed while our worker has claimed it, also when another one ends', async () => {
    const key = await addAuditEntity(db);
    const { eventIds } = await audit(db, key, repair([index(key), index({ ...key, gid: randomUUID() })]));
    const [inProgress, other] = eventIds as [number, number];
    await setEventState(db, inProgress, 'running');
    await claimByUs(inProgress);
    await setEventState(db, inProgress, 'failed');
    await endEvent(db, { eventId: other, entityType: key.entityType, gids: [] }, 'completed');
    expect(await settleRepairQueue(db, settings)).toBe(0);
    expect(await noticeEventsEndedElsewhere(db, settings)).toBe(0);
    expect(await statusOf(db, key)).toBe('repair_queue');
    await endEvent(db, { eventId: inProgress, entityType: key.entityType, gids: [key.gid] }, 'completed');
    expect(await statusOf(db, key)).toBe('unchecked');
  });
});

describe('events that the other daemon ended', () => {
  test('are noticed once, and do what ours do', async () => {
    const unknown: EntityKey = { entityType: 'release', gid: randomUUID() };
    const reviewed = await addAuditEntity(db);
    await audit(db, reviewed, review(finding('files.image', 'review')));
    await setEventState(db, await addEvent(db, { key: unknown }), 'completed');
    await setEventState(db, await addEvent(db, { key: reviewed }), 'completed');
    await addEvent(db, { key: { entityType: 'release', gid: randomUUID() } });

    expect(await noticeEventsEndedElsewhere(db, settings)).toBe(2);

    expect(await entityNow(db, unknown)).toMatchObject({ status: 'unchecked', priority: 100, dueCause: 'event_ended' });
    expect(await statusOf(db, reviewed)).toBe('unchecked');
    await audit(db, reviewed, review(finding('files.image', 'review')));
    expect(await noticeEventsEndedElsewhere(db, settings)).toBe(0);
    expect(await statusOf(db, reviewed)).toBe('manual_review');
  });

  test('are noticed in the order in which they ended, so many at once', async () => {
    const keys = [await addAuditEntity(db), await addAuditEntity(db)] as const;
    for (const [n, key] of keys.entries()) {
      await db.query(`update artwork_reconciler.audit_entity set status = 'manual_review' where id = $1`, [key.id]);
      const id = await addEvent(db, { key, state: 'completed' });
      await db.query(
        'update artwork_indexer.event_queue set last_updated = now() - make_interval(hours => $2) where id = $1',
        [id, 1 + n],
      );
    }
    expect(await noticeEventsEndedElsewhere(db, settings, { limit: 1 })).toBe(1);
    expect([await statusOf(db, keys[0]), await statusOf(db, keys[1])]).toEqual(['manual_review', 'unchecked']);
  });

  test('are not those whose end we noticed ourselves', async () => {
    const key = await addAuditEntity(db);
    const eventId = await addEvent(db, { key });
    await endEvent(db, { eventId, entityType: key.entityType, gids: [key.gid] }, 'completed');
    expect(await noticeEventsEndedElsewhere(db, settings)).toBe(0);
  });

  test('are noticed again where they were queued and ended again', async () => {
    const key = await addAuditEntity(db, { status: 'manual_review' });
    const eventId = await addEvent(db, { key });
    await endEvent(db, { eventId, entityType: key.entityType, gids: [key.gid] }, 'failed');
    await setEventState(db, eventId, 'queued');
    await setEventState(db, eventId, 'completed');
    expect(await noticeEventsEndedElsewhere(db, settings)).toBe(1);
    expect(await statusOf(db, key)).toBe('unchecked');
  });

  test('are known for as long as they are looked for, and then forgotten', async () => {
    const [recent, old] = await Promise.all(
      [randomUUID(), randomUUID()].map((gid) => addEvent(db, { key: { entityType: 'release', gid } })),
    );
    for (const id of [recent!, old!]) await setEventState(db, id, 'completed');
    expect(await noticeEventsEndedElsewhere(db, settings)).toBe(2);
    await db.query(
      `with ended as (
         update artwork_indexer.event_queue set last_updated = now() - make_interval(hours => case id when $1 then 60 else 120 end)
         returning id, last_updated
       )
       update artwork_reconciler.noticed_event set noticed_at = last_updated from ended where event_id = id`,
      [recent],
    );
    // The first one forgets.
    for (let times = 0; times < 2; times++) expect(await noticeEventsEndedElsewhere(db, settings)).toBe(0);
    const { rows } = await db.query('select event_id as id from artwork_reconciler.noticed_event');
    expect(rows).toEqual([{ id: recent }]);
  });

  test('with a message that nobody understands name nobody, and are done with', async () => {
    const key: EntityKey = { entityType: 'release', gid: randomUUID() };
    await setEventState(db, await addEvent(db, { key, message: { gid: 'nonsense' } }), 'failed');
    expect(await noticeEventsEndedElsewhere(db, settings)).toBe(1);
    expect(await noticeEventsEndedElsewhere(db, settings)).toBe(0);
  });

  test('with a message that lacks something let be looked at whom they name all the same', async () => {
    const key = await addAuditEntity(db);
    await audit(db, key, review(finding('files.image', 'review')));
    await setEventState(
      db,
      await addEvent(db, { key, action: 'delete_image', message: { gid: key.gid } }),
      'completed',
    );
    expect(await noticeEventsEndedElsewhere(db, settings)).toBe(1);
    expect(await statusOf(db, key)).toBe('unchecked');
  });

  test('that it failed because an identical one was queued meanwhile were superseded', async () => {
    const key = await addAuditEntity(db);
    const { eventIds } = await audit(db, key, repair([index(key)]));
    await setEventState(db, eventIds[0]!, 'failed');
    await addEvent(db, { key });
    await noticeEventsEndedElsewhere(db, settings);
    expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', dueCause: 'verification' });
  });

  test.each<[string, Partial<Parameters<typeof addEvent>[1]>]>([
    ['another action', { action: 'deindex' }],
    ['another kind of entity', { key: { entityType: 'event', gid: 'c0ffee00-0000-4000-8000-000000000000' } }],
    ['another entity', { message: { gid: randomUUID() } }],
    ['a completed one', { state: 'completed' }],
  ])('that it failed were not superseded by %s', async (_what, other) => {
    const key = await addAuditEntity(db, {
      key: { entityType: 'release', gid: 'c0ffee00-0000-4000-8000-000000000000' },
    });
    const { eventIds } = await audit(db, key, repair([index(key)]));
    await setEventState(db, eventIds[0]!, 'failed');
    await addEvent(db, { key, ...other });
    await noticeEventsEndedElsewhere(db, settings, { limit: 1 });
    expect(await statusOf(db, key)).toBe('manual_review');
  });
});

describe('audits that nobody works on', () => {
  test('are asked about once their claims are no longer young', async () => {
    const young = await addAuditEntity(db);
    const old = await addAuditEntity(db);
    const youngHeld = await begin(db, young);
    const { runId } = await begin(db, old);
    await ageClaim(old, 3);
    const workflowId = `audit-release-${old.gid}`;
    expect(await auditsInProgress(db, settings)).toMatchObject([{ entityId: old.id, gid: old.gid, workflowId, runId }]);

    const older = await addAuditEntity(db);
    await begin(db, older);
    await ageClaim(older, 4);
    const oldestFirst = await auditsInProgress(db, settings);
    expect(oldestFirst.map(({ entityId }) => entityId)).toEqual([older.id, old.id]);
    expect(await auditsInProgress(db, { ...settings, limit: 1 })).toEqual(oldestFirst.slice(0, 1));

    expect(await releaseLostAudit(db, { entityId: old.id, workflowId, runId }, settings)).toBe('given_back');
    expect(await entityNow(db, old)).toMatchObject({ status: 'unchecked', dueAt: null, returns: 1 });
    expect(await readAuditHistory(db, old.id, { limit: 1 })).toMatchObject([
      { decision: 'not_now', cause: 'workflow_gone' },
    ]);
    const lost = { entityId: young.id, workflowId: `audit-release-${young.gid}`, runId: youngHeld.runId };
    expect(await releaseLostAudit(db, lost, settings)).toBe('not_ours');
  });

  test('whose workflow was never started are released; but not a later claim that looks the same', async () => {
    const key = await addAuditEntity(db);
    await db.transaction((tx) => claimPacedBatch(tx, { shares: [{ count: 1, entityTypes: null }] }));
    await ageClaim(key, 3);
    const [lost] = await auditsInProgress(db, settings);
    expect(lost).toMatchObject({ entityId: key.id, runId: null });
    expect(await releaseLostAudit(db, lost!, settings)).toBe('given_back');
    await db.transaction((tx) => claimPacedBatch(tx, { shares: [{ count: 1, entityTypes: null }] }));
    expect(await releaseLostAudit(db, lost!, settings)).toBe('not_ours');
    expect(await statusOf(db, key)).toBe('audit_in_progress');
  });

  test('are not released under the feet of a run that took them over', async () => {
    const key = await addAuditEntity(db);
    await db.transaction((tx) => claimPacedBatch(tx, { shares: [{ count: 1, entityTypes: null }] }));
    await ageClaim(key, 3);
    const [lost] = await auditsInProgress(db, settings);
    const workflowId = `audit-release-${key.gid}`;
    await beginAudit(db, { key, workflowId, runId: 'run', how: 'paced' });
    expect(await releaseLostAudit(db, lost!, settings)).toBe('not_ours');
    expect(await auditsInProgress(db, settings)).toEqual([]);
  });

  test('by a shell are released when their claim lapses, and then decide nothing', async () => {
    const key = await addAuditEntity(db);
    await beginAudit(db, { key, workflowId: null, runId: 'shell', how: 'operator' });
    expect(await releaseLapsedClaims(db, settings)).toBe(0);
    await db.query(`update artwork_reconciler.audit_entity set claim_expires_at = now() - interval '1 second'`);
    await ageClaim(key, 3);
    expect(await auditsInProgress(db, settings)).toEqual([]);
    expect(await releaseLapsedClaims(db, settings)).toBe(1);
    expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', dueAt: null });
    expect(await decideAs(db, { entityId: key.id, runId: 'shell' }, clean)).toEqual({ kind: 'not_ours' });
  });

  test('by a shell that renews its claim just now are left to it', async () => {
    const key = await addAuditEntity(db);
    const { id: entityId } = key;
    await beginAudit(db, { key, workflowId: null, runId: 'shell', how: 'operator' });
    await db.query(`update artwork_reconciler.audit_entity set claim_expires_at = now() - interval '1 second'`);
    let lapsing: Promise<number> | undefined;
    await db.transaction(async (tx) => {
      await tx.query('select from artwork_reconciler.audit_entity where id = $1 for update', [entityId]);
      lapsing = releaseLapsedClaims(db, settings);
      await someoneWaits(db);
      await tx.query(`update artwork_reconciler.audit_entity set claim_expires_at = now() + interval '10 minutes'`);
    });
    expect(await lapsing).toBe(0);
    expect(await decideAs(db, { entityId, runId: 'shell' }, clean)).toMatchObject({ kind: 'decided' });
  });

  test('are none that a workflow has, however old, nor what was an audit before somebody set the status', async () => {
    const held = await addAuditEntity(db);
    await begin(db, held);
    await ageClaim(held, 9999);
    expect(await releaseLapsedClaims(db, settings)).toBe(0);
    await db.query(`update artwork_reconciler.audit_entity set status = 'clean'`);
    expect(await auditsInProgress(db, settings)).toEqual([]);
    await db.query(`update artwork_reconciler.audit_entity set claim_workflow_id = null`);
    expect(await releaseLapsedClaims(db, settings)).toBe(0);
    expect(await statusOf(db, held)).toBe('clean');
  });

  test('set to in progress by hand are released', async () => {
    const key = await addAuditEntity(db, { status: 'audit_in_progress' });
    expect(await releaseLapsedClaims(db, settings)).toBe(1);
    expect(await statusOf(db, key)).toBe('unchecked');
  });

  test('whose workflows die again and again end with a person', async () => {
    const key = await addAuditEntity(db);
    for (let n = 0; n < settings.maxReturns; n++) {
      const { runId } = await begin(db, key);
      await ageClaim(key, 3);
      await releaseLostAudit(db, { entityId: key.id, workflowId: `audit-release-${key.gid}`, runId }, settings);
    }
    expect(await statusOf(db, key)).toBe('manual_review');
    expect(await listReviews(db, { entityId: key.id, status: 'open', limit: 10 })).toHaveLength(1);
  });
});
