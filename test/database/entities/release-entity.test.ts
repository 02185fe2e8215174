import { describe, expect, test } from 'vitest';
import type { ReturnCause } from '../../../src/audit/steps.ts';
import { readAuditHistory } from '../../../src/database/audits/entity-history.ts';
import { releaseEntity } from '../../../src/database/entities/release-entity.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  addAuditEntity,
  addEvent,
  audit,
  begin,
  clean,
  decideAs,
  dueInMinutes,
  entityNow,
  settings,
  statusOf,
} from './support.ts';
import { listReviews } from '../../support/lists.ts';

const { db } = await createTestDatabase();

async function release(key: Awaited<ReturnType<typeof addAuditEntity>>, cause: ReturnCause, waitSeconds?: number) {
  const { runId } = await begin(db, key);
  const back = { entityId: key.id, runId, cause, reason: `because of ${cause}`, requests: { metadata: 1 } };
  return releaseEntity(db, waitSeconds === undefined ? back : { ...back, waitSeconds }, settings);
}

describe('an audit that is released', () => {
  test.each<[ReturnCause, number | null, string | null]>([
    ['workflow_gone', null, null],
    ['stopped', null, null],
    ['settling', 60, 'settling'],
    ['waited_too_long', 60, 'waited_too_long'],
    ['discarded', 90, 'discarded'],
    ['ws_disagrees', 60, 'ws_disagrees'],
    ['kind_disputed', 60, 'kind_disputed'],
    ['item_unreadable', 60, 'unreadable'],
    ['unreadable', 60, 'unreadable'],
    ['cool_down', 60, 'cool_down'],
    ['window', 60, 'window'],
  ])('because of %s is unchecked, and due in %s minutes', async (cause, minutes, dueCause) => {
    const key = await addAuditEntity(db);
    expect(await release(key, cause)).toMatchObject({ kind: 'given_back', status: 'unchecked' });
    expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', claim: null, dueCause, lastAuditAt: null });
    expect(await dueInMinutes(db, key)).toBe(minutes);
  });

  test('for its pending events waits a day at most', async () => {
    const key = await addAuditEntity(db);
    await addEvent(db, { key });
    await release(key, 'pending_events');
    expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', dueCause: 'pending_events' });
    expect(await dueInMinutes(db, key)).toBe(24 * 60);
  });

  test('for pending events that have ended meanwhile is due now: nobody would wake it', async () => {
    const key = await addAuditEntity(db);
    await addEvent(db, { key, state: 'completed' });
    await release(key, 'pending_events');
    expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', dueAt: null, dueCause: null });
  });

  test('is due when the caller knows it is', async () => {
    const key = await addAuditEntity(db);
    await release(key, 'cool_down', 300);
    expect(await dueInMinutes(db, key)).toBe(5);
  });

  test('leaves its reason and its requests in the history, and keeps the priority', async () => {
    const key = await addAuditEntity(db, { priority: 200 });
    await release(key, 'settling');
    const [latest] = await readAuditHistory(db, key.id, { limit: 1 });
    expect(latest).toMatchObject({
      decision: 'not_now',
      cause: 'settling',
      reason: 'because of settling',
      requests: { metadata: 1 },
      askedBy: 'operator',
    });
    expect((await entityNow(db, key)).priority).toBe(200);
  });

  test('twice by the same run is released once', async () => {
    const key = await addAuditEntity(db);
    const { runId } = await begin(db, key);
    const back = { entityId: key.id, runId, cause: 'settling', reason: 'it changed just now' } as const;
    const first = await releaseEntity(db, back, settings);
    expect(await releaseEntity(db, back, settings)).toEqual(first);
    expect((await entityNow(db, key)).returns).toBe(1);
    expect(await readAuditHistory(db, key.id, { limit: 10 })).toHaveLength(1);
  });

  test('by the run that has decided changes nothing', async () => {
    const key = await addAuditEntity(db);
    const { runId } = await begin(db, key);
    await decideAs(db, { entityId: key.id, runId }, clean);
    const back = { entityId: key.id, runId, cause: 'settling', reason: 'late' } as const;
    expect(await releaseEntity(db, back, settings)).toEqual({ kind: 'not_ours' });
    expect(await statusOf(db, key)).toBe('clean');
  });

  test('by a run that doesn’t hold it changes nothing', async () => {
    const key = await addAuditEntity(db);
    await begin(db, key);
    const back = { entityId: key.id, runId: 'another', cause: 'settling', reason: 'late' } as const;
    expect(await releaseEntity(db, back, settings)).toEqual({ kind: 'not_ours' });
    expect(await statusOf(db, key)).toBe('audit_in_progress');
  });
});

describe('consecutive returns', () => {
  test('end with a person at the last one allowed, who sees all the reasons', async () => {
    const key = await addAuditEntity(db);
    await release(key, 'settling');
    await release(key, 'waited_too_long');
    expect(await statusOf(db, key)).toBe('unchecked');
    expect(await release(key, 'ws_disagrees')).toMatchObject({ status: 'manual_review', dueAt: null });
    const [review] = await listReviews(db, { entityId: key.id, limit: 10 });
    expect(review).toMatchObject({ status: 'open', regressed: false });
    expect(review!.reviewReason).toContain('could not be judged');
    for (const cause of ['settling', 'waited_too_long', 'ws_disagrees']) {
      expect(review!.reviewReason).toContain(`because of ${cause}`);
    }
    expect(await entityNow(db, key)).toMatchObject({ returns: 0, returnReasons: [] });
  });

  test.each<ReturnCause>(['pending_events', 'cool_down', 'unreadable', 'stopped', 'window'])(
    'for %s are nobody’s fault and don’t count',
    async (cause) => {
      const key = await addAuditEntity(db);
      for (let n = 0; n < settings.maxReturns + 1; n++) await release(key, cause);
      expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', returns: 0 });
    },
  );

  test('outlast the begin of the next audit, and a decision ends the row', async () => {
    const key = await addAuditEntity(db);
    await release(key, 'settling');
    await release(key, 'pending_events');
    await release(key, 'settling');
    await begin(db, key);
    expect(await entityNow(db, key)).toMatchObject({ returns: 2 });
    await db.query(`update artwork_reconciler.audit_entity set status = 'unchecked' where id = $1`, [key.id]);
    await audit(db, key, clean);
    expect(await entityNow(db, key)).toMatchObject({ returns: 0, returnReasons: [] });
  });

  describe('because it was listed as the other kind', () => {
    const otherKind = async (key: Awaited<ReturnType<typeof addAuditEntity>>) => {
      const { runId } = await begin(db, key);
      const back = {
        entityId: key.id,
        runId,
        cause: 'other_kind',
        reason: 'it is an event',
        entityType: 'event',
      } as const;
      return releaseEntity(db, back, settings);
    };

    test('is the right one, due now, whose repairs and returns are counted from the beginning', async () => {
      const wrong = await addAuditEntity(db, { repairs: 2, returns: 3, priority: 200 });
      await otherKind(wrong);
      const right = await entityNow(db, { ...wrong, entityType: 'event' });
      expect(right).toMatchObject({ status: 'unchecked', dueAt: null, repairs: 0, returns: 0, priority: 200 });
    });

    test.each([
      [100, 200],
      [200, 100],
    ])('goes where the right one is, which has the higher of their priorities: %d and %d', async (wrongs, rights) => {
      const wrong = await addAuditEntity(db, { priority: wrongs });
      const right = await addAuditEntity(db, { key: { entityType: 'event', gid: wrong.gid }, priority: rights });
      await otherKind(wrong);
      expect(await entityNow(db, right)).toMatchObject({ id: right.id, status: 'unchecked', priority: 200 });
      expect(await readAuditHistory(db, right.id, { limit: 10 })).toMatchObject([{ cause: 'other_kind' }]);
    });
  });
});
