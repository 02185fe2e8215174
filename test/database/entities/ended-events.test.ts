import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readAuditEntity } from '../../../src/database/audits/entity-history.ts';
import { releaseEntity } from '../../../src/database/entities/release-entity.ts';
import type { Repair } from '../../../src/domain/decision/decision.ts';
import type { EntityKey } from '../../../src/domain/entity.ts';
import { addEntity } from '../../../src/simulator/musicbrainz/builders.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  addAuditEntity,
  addEvent,
  audit,
  begin,
  dueInMinutes,
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

/** Queues an `index` of the entity and ends it. */
async function anEventEnds(
  key: EntityKey,
  outcome: 'completed' | 'failed' | 'superseded' = 'completed',
): Promise<void> {
  const eventId = await addEvent(db, { key });
  await endEvent(db, { eventId, entityType: key.entityType, gids: [key.gid] }, outcome);
}
const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);

describe('when an event ends, an entity it names', () => {
  test.each(['completed', 'failed'] as const)(
    'that nobody knew is new, due once the archive has settled (%s)',
    async (outcome) => {
      const key: EntityKey = { entityType: 'event', gid: randomUUID() };
      await anEventEnds(key, outcome);
      expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', priority: 100, dueCause: 'event_ended' });
      expect(await dueInMinutes(db, key)).toBe(settings.settleMinutes);
    },
  );

  test.each(['release', 'event'] as const)('a %s that got art lately is new at a low priority', async (entityType) => {
    const key: EntityKey = { entityType, gid: randomUUID() };
    await addEntity(db, key, { images: [{ ageDays: 3 }] });
    await anEventEnds(key);
    expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', priority: 10 });
  });

  test('that was edited lately, but got no art, is new at the usual priority', async () => {
    const key: EntityKey = { entityType: 'release', gid: randomUUID() };
    await addEntity(db, key, { images: [{ ageDays: 3 }] });
    // An edit of the release itself.
    await db.query('update musicbrainz.edit set type = 32');
    await anEventEnds(key);
    expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', priority: 100 });
  });

  // Whether it got art lately makes no difference to what was in order before.
  test.each([
    { status: 'clean', auditedDaysAgo: 29, outcome: 'completed', priority: 10 },
    { status: 'legacy', auditedDaysAgo: 29, outcome: 'completed', priority: 10 },
    { status: 'clean', auditedDaysAgo: 31, outcome: 'completed', priority: 100 },
    { status: 'legacy', auditedDaysAgo: 31, outcome: 'completed', priority: 100 },
    { status: 'clean', auditedDaysAgo: 29, outcome: 'failed', priority: 200 },
    { status: 'legacy', auditedDaysAgo: 31, outcome: 'failed', priority: 200 },
  ] as const)(
    'that is $status, audited $auditedDaysAgo days ago, is looked at again once its event $outcome: priority $priority',
    async ({ status, auditedDaysAgo, outcome, priority }) => {
      const key = await addAuditEntity(db, { status, last_audit_at: daysAgo(auditedDaysAgo) });
      await addEntity(db, key, { images: [{ ageDays: 1 }] });
      await anEventEnds(key, outcome);
      expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', priority, dueCause: 'event_ended' });
      expect(await dueInMinutes(db, key)).toBe(settings.settleMinutes);
    },
  );

  test('that is in order stays so where an identical event does the work of the one that ended', async () => {
    const key = await addAuditEntity(db, { status: 'clean', last_audit_at: daysAgo(31) });
    await anEventEnds(key, 'superseded');
    expect(await entityNow(db, key)).toMatchObject({ status: 'clean', dueAt: null });
  });

  test('that is unchecked is unchanged', async () => {
    const due = await addAuditEntity(db, { priority: 200 });
    const waiting = await addAuditEntity(db, { due_at: daysAgo(-2), due_cause: 'settling' });
    const before = [await entityNow(db, due), await entityNow(db, waiting)];
    await anEventEnds(due);
    await anEventEnds(waiting);
    expect([await entityNow(db, due), await entityNow(db, waiting)]).toEqual(before);
  });

  test.each(['completed', 'failed', 'superseded'] as const)(
    'that waits for its pending events is due now (%s)',
    async (outcome) => {
      const key = await addAuditEntity(db);
      const eventId = await addEvent(db, { key });
      const { runId } = await begin(db, key);
      await releaseEntity(
        db,
        { entityId: key.id, runId, cause: 'pending_events', reason: 'index is queued' },
        settings,
      );
      await endEvent(db, { eventId, entityType: key.entityType, gids: [key.gid] }, outcome);
      expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', dueAt: null, dueCause: null });
    },
  );

  test('that is being audited is left to its audit', async () => {
    const key = await addAuditEntity(db);
    await begin(db, key);
    const before = await entityNow(db, key);
    await anEventEnds(key);
    expect(await entityNow(db, key)).toEqual(before);
  });

  test('that waits for a person is audited again where the event completed, the review left open', async () => {
    const key = await addAuditEntity(db);
    await audit(db, key, review(finding('files.image', 'review')));
    await anEventEnds(key, 'failed');
    await anEventEnds(key, 'superseded');
    expect(await statusOf(db, key)).toBe('manual_review');
    await anEventEnds(key);
    expect(await statusOf(db, key)).toBe('unchecked');
    expect(await dueInMinutes(db, key)).toBe(settings.settleMinutes);
    expect(await listReviews(db, { entityId: key.id, status: 'open', limit: 10 })).toHaveLength(1);
  });

  test('is told from one of the other kind with the same MBID', async () => {
    const release = await addAuditEntity(db);
    const event = await addAuditEntity(db, { key: { entityType: 'event', gid: release.gid } });
    for (const key of [release, event]) await audit(db, key, review(finding('files.image', 'review')));
    await anEventEnds(release);
    expect([await statusOf(db, release), await statusOf(db, event)]).toEqual(['unchecked', 'manual_review']);
  });

  test('is told from one that only ordered it once', async () => {
    const other = randomUUID();
    const key = await addAuditEntity(db);
    const { eventIds } = await audit(db, key, repair([index({ ...key, gid: other })]));
    await db.query(
      `update artwork_reconciler.audit_entity set status = 'clean', repair_audit_id = null, due_at = null,
         due_cause = null, last_audit_at = now() - interval '1 year' where id = $1`,
      [key.id],
    );
    await endEvent(db, { eventId: eventIds[0]!, entityType: key.entityType, gids: [other] }, 'completed');
    expect(await statusOf(db, key)).toBe('clean');
  });

  test('of two that a copy names, both are looked at', async () => {
    const [from, to] = [randomUUID(), randomUUID()];
    const key: EntityKey = { entityType: 'release', gid: from };
    const message = { artwork_id: 12345, old_gid: from, new_gid: to, suffix: 'jpg' };
    const eventId = await addEvent(db, { key, action: 'copy_image', message });
    await endEvent(db, { eventId, entityType: 'release', gids: [from, to] }, 'completed');
    for (const gid of [from, to]) {
      expect(await readAuditEntity(db, { entityType: 'release', gid })).toMatchObject({ status: 'unchecked' });
      expect(await readAuditEntity(db, { entityType: 'event', gid })).toBeUndefined();
    }
  });
});

describe('an entity whose repairs are in the queue', () => {
  const other = (key: EntityKey): Repair => index({ ...key, gid: randomUUID() });
  const gidOf = (order: Repair): string => (order.message as { gid: string }).gid;

  test('waits until none is open, then is verified first of all', async () => {
    const key = await addAuditEntity(db);
    const second = other(key);
    const { eventIds } = await audit(db, key, repair([index(key), second]));
    await endEvent(db, { eventId: eventIds[0]!, entityType: key.entityType, gids: [key.gid] }, 'completed');
    expect(await statusOf(db, key)).toBe('repair_queue');
    // The second names another entity: an audit's repairs are known by their order, not by what they name.
    await endEvent(db, { eventId: eventIds[1]!, entityType: key.entityType, gids: [gidOf(second)] }, 'completed');
    expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', priority: 1000, dueCause: 'verification' });
    expect(await dueInMinutes(db, key)).toBe(settings.settleMinutes);
  });

  test('goes to a person where one failed for good, who reads why', async () => {
    const key = await addAuditEntity(db);
    const { eventIds } = await audit(db, key, repair([index(key), other(key)]));
    const [eventId, another] = eventIds as [number, number];
    for (const [id, reason] of [
      [eventId, 'a former one'],
      [eventId, 'the archive answered 403 AccessDenied'],
      [another, 'none of its business'],
    ]) {
      await db.query(
        `insert into artwork_indexer.event_failure_reason (event, failure_reason, created) values ($1, $2, clock_timestamp())`,
        [id, reason],
      );
    }
    // Queued, and not the same: neither does its work.
    await addEvent(db, { key, action: 'deindex' });
    await addEvent(db, { key: { ...key, entityType: 'event' } });
    await endEvent(db, { eventId, entityType: key.entityType, gids: [key.gid] }, 'failed');
    // The completion of the other one would take it out again.
    expect(await statusOf(db, key)).toBe('repair_queue');
    await endEvent(db, { eventId: eventIds[1]!, entityType: key.entityType, gids: [] }, 'completed');
    expect(await statusOf(db, key)).toBe('manual_review');
    const [opened] = await listReviews(db, { entityId: key.id, limit: 10 });
    expect(opened).toMatchObject({ status: 'open', reasons: [{ check: null, evidence: null }] });
    expect(opened!.reviewReason).toContain('403 AccessDenied');
    for (const other of ['none of its business', 'a former one']) expect(opened!.reviewReason).not.toContain(other);
    expect(opened!.reviewReason).toContain(`event ${eventId}`);
  });

  test('does not go to a person for what was superseded, nor for what failed for its sake', async () => {
    const key = await addAuditEntity(db);
    const { eventIds } = await audit(db, key, repair([index(key), index({ ...key, gid: randomUUID() }, 0)]));
    const [first, second] = eventIds as [number, number];
    await db.transaction(async (tx) => {
      await setEventState(tx, first, 'failed');
      await addEvent(tx, { key });
      await setEventState(tx, second, 'failed');
    });
    await endEvent(db, { eventId: second, entityType: key.entityType, gids: [] }, 'failed');
    expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', priority: 1000 });
  });

  test.each([
    ['failed', 'manual_review', true],
    ['completed', 'unchecked', true],
    // What superseded it need not be queued any more.
    ['superseded', 'unchecked', false],
  ] as const)('knows that one %s once another ends, and is %s', async (outcome, status, gone) => {
    const key = await addAuditEntity(db);
    const { eventIds } = await audit(db, key, repair([index(key), other(key)]));
    const [first, second] = eventIds as [number, number];
    await endEvent(db, { eventId: first, entityType: key.entityType, gids: [key.gid] }, outcome);
    if (gone) await db.query('delete from artwork_indexer.event_queue where id = $1', [first]);
    await endEvent(db, { eventId: second, entityType: key.entityType, gids: [] }, 'completed');
    expect(await statusOf(db, key)).toBe(status);
  });

  test('continues waiting for a repair that was queued again', async () => {
    const key = await addAuditEntity(db);
    const { eventIds } = await audit(db, key, repair([index(key), other(key)]));
    const [first, second] = eventIds as [number, number];
    await endEvent(db, { eventId: first, entityType: key.entityType, gids: [key.gid] }, 'failed');
    await setEventState(db, first, 'queued');
    await endEvent(db, { eventId: second, entityType: key.entityType, gids: [] }, 'completed');
    expect(await statusOf(db, key)).toBe('repair_queue');
    await endEvent(db, { eventId: first, entityType: key.entityType, gids: [key.gid] }, 'completed');
    expect(await statusOf(db, key)).toBe('unchecked');
  });

  test('is let out by the later of two that end at the same time', async () => {
    const key = await addAuditEntity(db);
    const { eventIds } = await audit(db, key, repair([index(key), other(key)]));
    let later: Promise<void> | undefined;
    await db.transaction(async (tx) => {
      const entityType = key.entityType;
      await tx.query('select from artwork_reconciler.audit_entity where id = $1 for update', [key.id]);
      later = endEvent(db, { eventId: eventIds[1]!, entityType, gids: [] }, 'completed');
      await someoneWaits(db);
      await tx.query(`update artwork_indexer.event_queue set state = 'completed' where id = $1`, [eventIds[0]]);
    });
    await later;
    expect(await statusOf(db, key)).toBe('unchecked');
  });

  test('noticing an end twice changes nothing the second time', async () => {
    const key = await addAuditEntity(db);
    const { eventIds } = await audit(db, key, repair([index(key)]));
    const event = { eventId: eventIds[0]!, entityType: key.entityType, gids: [key.gid] };
    await endEvent(db, event, 'completed');
    const before = await entityNow(db, key);
    await endEvent(db, event, 'completed');
    expect(await entityNow(db, key)).toEqual(before);
  });

  test('two audits that ordered the same event are both let out by its end', async () => {
    const one = await addAuditEntity(db);
    const two = await addAuditEntity(db);
    const first = await audit(db, one, repair([index(one)]));
    const second = await audit(db, two, repair([index(one)]));
    expect(second.eventIds).toEqual(first.eventIds);
    await endEvent(db, { eventId: first.eventIds[0]!, entityType: 'release', gids: [one.gid] }, 'completed');
    expect([await statusOf(db, one), await statusOf(db, two)]).toEqual(['unchecked', 'unchecked']);
  });
});
