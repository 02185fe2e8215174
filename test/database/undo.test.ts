import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { completeEvent, failAttempt } from '../../src/database/attempts/end-attempt.ts';
import { snoozeEvent } from '../../src/database/attempts/release-event.ts';
import { confirmBulkAction, planBulkAction, readBulkAction } from '../../src/database/bulk-actions/bulk-action.ts';
import { bulkRowList } from '../../src/database/bulk-actions/list-bulk-rows.ts';
import { NotUndoneError, planUndo } from '../../src/database/bulk-actions/undo.ts';
import { reopenReview, resolveReview, wontFixReview } from '../../src/database/entities/close-review.ts';
import { noticeEventsEndedElsewhere } from '../../src/database/entities/notice-ended-events.ts';
import { readList } from '../../src/database/lists/list.ts';
import { dismissEvents } from '../../src/database/queue/dismiss-events.ts';
import { requeueEvents } from '../../src/database/queue/requeue-events.ts';
import { withdrawEvents } from '../../src/database/attempts/withdraw-events.ts';
import { workOnBulkActions } from '../support/bulk-actions.ts';
import { createTestDatabase } from '../support/database.ts';
import { addAuditEntity, audit, clean, entityNow, finding, index, repair, review } from './entities/support.ts';
import { emptyQueue, insertEvent, settings, statesOf, take } from './queue/queue.ts';

const database = await createTestDatabase();
beforeEach(async () => {
  const { db } = database;
  await emptyQueue(db);
  for (const table of ['audit_entity', 'bulk_action', 'operator_action']) {
    await db.query(`delete from artwork_reconciler.${table}`);
  }
});

const ida = { actor: 'ida', note: 'a mistake' };
const bob = { actor: 'bob', note: 'taken back' };
const lastAction = async (): Promise<number> => {
  const { rows } = await database.db.query<{ id: number }>(
    'select max(id) as id from artwork_reconciler.operator_action',
  );
  return rows[0]!.id;
};

/** Undoes an action, and says what became of each row. */
async function undo(action: number): Promise<Record<number, string>> {
  const { db } = database;
  const { id } = await planUndo(db, action, 'bob');
  await workOnBulkActions(db);
  const planned = await outcomes(id, 'planned');
  await confirmBulkAction(db, { id, by: bob });
  await workOnBulkActions(db);
  const done = await outcomes(id, 'outcome');
  // The dry run had said so.
  expect(done).toEqual(planned);
  return done;
}

async function outcomes(id: string, of: 'outcome' | 'planned'): Promise<Record<number, string>> {
  const { rows } = await readList(database.db, bulkRowList, { bulkAction: id }, { limit: 100, look: 101 });
  return Object.fromEntries(
    rows.map((row) => [
      row.target,
      [of === 'planned' ? row.planned : row.outcome, of === 'planned' ? row.plannedReason : row.reason]
        .filter(Boolean)
        .join(': '),
    ]),
  );
}

describe('an undone', () => {
  test('requeue has what is still as it was queued failed again; the others are named with what happened', async () => {
    const { db } = database;
    const failed = async () => insertEvent(db, { state: 'failed', attempts: 5 });
    const [still, ran, running] = [await failed(), await failed(), await failed()];
    await requeueEvents(db, [still, ran, running], ida);
    const action = await lastAction();
    await completeEvent(db, await take(db, ran), settings);
    await take(db, running);
    expect(await undo(action)).toEqual({
      [still]: 'done',
      [ran]: 'refused: it was carried out meanwhile',
      [running]: 'refused: it is being carried out',
    });
    expect(await statesOf(db, [still, ran, running])).toEqual(['failed', 'completed', 'running']);
    const { rows } = await db.query(
      'select actor, action, target, note from artwork_reconciler.operator_action where id > $1',
      [action],
    );
    expect(rows).toEqual([{ actor: 'bob', action: 'undo events', target: '1 event', note: 'taken back' }]);
  });

  test('requeue leaves what has been tried, has failed, or was queued again since, and says which', async () => {
    const { db } = database;
    const ids: number[] = [];
    for (let n = 0; n < 3; n++) ids.push(await insertEvent(db, { state: 'failed', attempts: 5 }));
    const [tried, failed, again] = ids as [number, number, number];
    await requeueEvents(db, ids, ida);
    const action = await lastAction();
    await failAttempt(db, { ...(await take(db, tried)), reason: 'HTTP 503', permanent: false }, settings);
    await failAttempt(db, { ...(await take(db, failed)), reason: 'HTTP 400', permanent: true }, settings);
    await db.query(
      `update artwork_indexer.event_queue set last_updated = last_updated + interval '1 minute' where id = $1`,
      [again],
    );
    expect(await undo(action)).toEqual({
      [tried]: 'refused: it has been tried since',
      [failed]: 'refused: it has failed again',
      [again]: 'refused: it has changed since: something else waits for it, or it was queued again',
    });
  });

  test('requeue has the attempts again that are on record, those that counted, and waits for nothing', async () => {
    const { db } = database;
    const id = await insertEvent(db, {});
    const wait = { ...(await take(db, id)), reason: 'a cool-down', waitSeconds: 0 };
    expect(await snoozeEvent(db, wait, settings)).toBe('queued');
    await failAttempt(db, { ...(await take(db, id)), reason: 'HTTP 400', permanent: true }, settings);
    await requeueEvents(db, [id], ida);
    await db.query(
      `insert into artwork_reconciler.event_not_before (event, until, reason) values ($1, now() + interval '1 hour', 'x')`,
      [id],
    );
    expect(await undo(await lastAction())).toEqual({ [id]: 'done' });
    const { rows } = await db.query(
      `select state::text, attempts,
         (select failure_reason from artwork_indexer.event_failure_reason told where told.event = e.id
          order by created desc limit 1) as told,
         exists (select from artwork_reconciler.event_not_before waiting where waiting.event = e.id) as waits
       from artwork_indexer.event_queue e where id = $1`,
      [id],
    );
    const told = 'bob took back that it was queued again: taken back';
    expect(rows).toEqual([{ state: 'failed', attempts: 1, told, waits: false }]);
  });

  test('requeue of one that something waits for is refused', async () => {
    const { db } = database;
    const failed = await insertEvent(db, { state: 'failed', attempts: 5 });
    await requeueEvents(db, [failed], ida);
    const action = await lastAction();
    const waiting = await insertEvent(db, { dependsOn: [failed] });
    expect(await undo(action)).toEqual({
      [failed]: `refused: event ${waiting}, which is queued, depends on it`,
    });
  });

  test('dismissal shows events again, unless they were dismissed again since; an undone undo dismisses', async () => {
    const { db } = database;
    const [one, other] = [await insertEvent(db, { state: 'failed' }), await insertEvent(db, { state: 'failed' })];
    await dismissEvents(db, [one, other], ida);
    const action = await lastAction();
    await db.query(`update artwork_reconciler.event_dismissal set actor = 'eve' where event = $1`, [other]);
    expect(await undo(action)).toEqual({ [one]: 'done', [other]: 'refused: it is not dismissed by this any more' });
    const dismissed = async () =>
      (await db.query<{ event: number }>('select event from artwork_reconciler.event_dismissal order by event')).rows;
    expect(await dismissed()).toEqual([{ event: other }]);
    expect(await undo(await lastAction())).toEqual({ [one]: 'done' });
    expect(await dismissed()).toEqual([{ event: one }, { event: other }]);
  });

  test('withdrawal queues the repairs again, each tree as it was', async () => {
    const { db } = database;
    const key = await addAuditEntity(db, { key: { entityType: 'release', gid: randomUUID() } });
    const { eventIds } = await audit(db, key, repair([index(key)]));
    await withdrawEvents(db, eventIds, ida);
    expect(await undo(await lastAction())).toEqual({ [eventIds[0]!]: 'done' });
    expect(await statesOf(db, eventIds)).toEqual(['queued']);
  });

  test('withdrawal may be done once more, as the first time', async () => {
    const { db } = database;
    const key = await addAuditEntity(db, { key: { entityType: 'release', gid: randomUUID() } });
    const { eventIds } = await audit(db, key, repair([index(key)]));
    await withdrawEvents(db, eventIds, ida);
    // By somebody's SQL, which leaves what is known of it.
    await db.query(`update artwork_indexer.event_queue set state = 'queued' where id = any ($1)`, [eventIds]);
    await db.query(
      `insert into artwork_reconciler.event_not_before (event, until, reason) values ($1, now() + interval '1 hour', 'x')`,
      [eventIds[0]],
    );
    expect((await withdrawEvents(db, eventIds, ida)).withdrawn).toEqual(eventIds);
    expect(await noticeEventsEndedElsewhere(db, settings.audit)).toBe(0);
    const { rows } = await db.query(
      `select count(dismissal.event)::int as dismissed, count(waiting.event)::int as waiting
       from artwork_indexer.event_queue e
       left join artwork_reconciler.event_dismissal dismissal
         on dismissal.event = e.id and dismissal.last_updated = e.last_updated
       left join artwork_reconciler.event_not_before waiting on waiting.event = e.id`,
    );
    expect(rows).toEqual([{ dismissed: 1, waiting: 0 }]);
  });

  test('bulk action is undone as one, too', async () => {
    const { db } = database;
    const ids = [await insertEvent(db, { state: 'failed' }), await insertEvent(db, { state: 'failed' })];
    const id = await planBulkAction(db, { kind: 'requeue_events', filter: { ids }, plannedBy: 'ida' });
    await workOnBulkActions(db);
    await confirmBulkAction(db, { id, by: ida });
    await workOnBulkActions(db);
    expect(await undo(await lastAction())).toEqual({ [ids[0]!]: 'done', [ids[1]!]: 'done' });
    expect(await statesOf(db, ids)).toEqual(['failed', 'failed']);
  });
});

describe('an undone closing of a review', () => {
  const reviewed = async () => {
    const { db } = database;
    const key = await addAuditEntity(db, { key: { entityType: 'release', gid: randomUUID() } });
    await audit(db, key, review(finding('item.dark', 'review')));
    return { key, id: await openOf(key.gid) };
  };
  const openOf = async (gid: string): Promise<number> => {
    const { rows } = await database.db.query<{ id: number }>(
      `select review.id from artwork_reconciler.needs_manual_review review
       join artwork_reconciler.audit_entity entity on entity.id = review.audit_entity_id
       where entity.gid = $1 and review.status = 'open'`,
      [gid],
    );
    return rows[0]!.id;
  };
  const statuses = async () => {
    const { rows } = await database.db.query(
      'select id, status::text, regressed from artwork_reconciler.needs_manual_review order by id',
    );
    return rows;
  };

  test.each([
    ['resolved', resolveReview],
    ['won’t fix', wontFixReview],
  ])('(%s) reopens it, and its entity waits for a person again', async (_word, close) => {
    const { db } = database;
    const { key, id } = await reviewed();
    await close(db, { reviewId: id, actor: 'ida', note: 'seen to' });
    expect(await undo(await lastAction())).toEqual({ [id]: 'done' });
    expect(await statuses()).toEqual([{ id, status: 'open', regressed: false }]);
    expect((await entityNow(db, key)).status).toBe('manual_review');
    const evidence = await db.query('select from artwork_reconciler.wont_fix_evidence');
    expect(evidence.rowCount).toBe(0);
    // And undone again, it is closed again.
    const again = await planUndo(db, await lastAction(), 'bob');
    expect(again.kind).toMatch(/^(resolve|wont_fix)_reviews$/);
  });

  test('withdraws the regressed one that it caused', async () => {
    const { db } = database;
    const { key, id } = await reviewed();
    await resolveReview(db, { reviewId: id, actor: 'ida', note: 'seen to' });
    const action = await lastAction();
    await audit(db, key, review(finding('item.dark', 'review')));
    const regressed = await openOf(key.gid);
    expect(await statuses()).toContainEqual({ id: regressed, status: 'open', regressed: true });
    expect(await undo(action)).toEqual({ [id]: 'done' });
    expect(await statuses()).toEqual([
      { id, status: 'open', regressed: false },
      { id: regressed, status: 'resolved', regressed: false },
    ]);
  });

  test('leaves what was closed by somebody else since, and what an audit has found gone', async () => {
    const { db } = database;
    const [one, gone] = [await reviewed(), await reviewed()];
    const ids = [one.id, gone.id];
    const id = await planBulkAction(db, { kind: 'resolve_reviews', filter: { ids }, plannedBy: 'ida' });
    await workOnBulkActions(db);
    await confirmBulkAction(db, { id, by: ida });
    await workOnBulkActions(db);
    expect(await readBulkAction(db, id)).toMatchObject({ state: 'done', outcome: { done: 2 } });
    const action = await lastAction();
    await reopenReview(db, { reviewId: one.id, actor: 'eve', note: '' });
    await resolveReview(db, { reviewId: one.id, actor: 'eve', note: 'really' });
    await audit(db, gone.key, clean);
    expect(await undo(action)).toEqual({
      [one.id]: 'refused: it was reopened, and closed again by eve',
      [gone.id]: 'refused: an audit has found nothing more since',
    });
  });

  test('reopening says which closed automatically', async () => {
    const { db } = database;
    const { key, id } = await reviewed();
    await db.query(`update artwork_reconciler.audit_entity set status = 'unchecked' where gid = $1`, [key.gid]);
    const { auditId } = await audit(db, key, clean);
    expect(await reopenReview(db, { reviewId: id, actor: 'ida', note: '' })).toEqual({
      kind: 'refused',
      reason: `review ${id} closed automatically: gone at audit ${auditId}`,
    });
  });
});

test('entities that were prioritised are as they were, unless they were audited since', async () => {
  const { db } = database;
  const gids = [randomUUID(), randomUUID()];
  const entities = [];
  for (const gid of gids) entities.push(await addAuditEntity(db, { key: { entityType: 'release', gid } }));
  for (const entity of entities) await audit(db, entity, clean);
  const ids = entities.map(({ id }) => id);
  const id = await planBulkAction(db, { kind: 'prioritise_entities', filter: { ids }, plannedBy: 'ida' });
  await workOnBulkActions(db);
  await confirmBulkAction(db, { id, by: ida });
  await workOnBulkActions(db);
  const action = await lastAction();
  expect((await entityNow(db, entities[0]!)).status).toBe('unchecked');
  await audit(db, entities[1]!, review(finding('item.dark', 'review')));
  expect(await undo(action)).toEqual({ [ids[0]!]: 'done', [ids[1]!]: 'refused: it was audited since' });
  expect(await entityNow(db, entities[0]!)).toMatchObject({ status: 'clean', priority: 100 });
});

test('an entity audited for the first time since it was prioritised is left, whatever it waits for now', async () => {
  const { db } = database;
  const entity = await addAuditEntity(db, { key: { entityType: 'release', gid: randomUUID() } });
  const filter = { ids: [entity.id] };
  const id = await planBulkAction(db, { kind: 'prioritise_entities', filter, plannedBy: 'ida' });
  await workOnBulkActions(db);
  await confirmBulkAction(db, { id, by: ida });
  await workOnBulkActions(db);
  const action = await lastAction();
  await audit(db, entity, repair([index(entity)]), 'report');
  expect(await undo(action)).toEqual({ [entity.id]: 'refused: it was audited since' });
});

test('what can’t be undone says so', async () => {
  const { db } = database;
  await expect(planUndo(db, 999_999, 'ida')).rejects.toThrow(NotUndoneError);
  await db.query(
    `insert into artwork_reconciler.operator_action (actor, action, target) values ('ida', 'reopen review', 'review 7')`,
  );
  await expect(planUndo(db, await lastAction(), 'ida')).rejects.toThrow(
    "is “reopen reviews”, which can't be undone: close the review again",
  );
});
