import { beforeEach, describe, expect, test } from 'vitest';
import { completeEvent, failAttempt } from '../../../src/database/attempts/end-attempt.ts';
import { confirmBulkAction, planBulkAction, readBulkAction } from '../../../src/database/bulk-actions/bulk-action.ts';
import type { BulkKind } from '../../../src/database/operators/bulk-kind.ts';
import { type BulkStep, stepBulkAction, workOnBulkAction } from '../../../src/database/bulk-actions/step.ts';
import { requeueInBulk } from '../../../src/database/queue/bulk-requeue.ts';
import { dismissInBulk } from '../../../src/database/queue/dismiss-events.ts';
import type { EventFilter } from '../../../src/database/queue/event-fields.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  A,
  B,
  C,
  copy,
  deletion,
  dueIds,
  emptyQueue,
  index,
  insertEvent,
  insertEvents,
  rowOf,
  settings,
  statesOf,
  take,
} from './queue.ts';
import { wholeList } from '../../support/lists.ts';
import { bulkRowList } from '../../../src/database/bulk-actions/list-bulk-rows.ts';

const database = await createTestDatabase();
beforeEach(async () => {
  await emptyQueue(database.db);
  await database.db.query('delete from artwork_reconciler.bulk_action');
  await database.db.query('delete from artwork_reconciler.operator_action');
});

const failed = { state: 'failed', attempts: 5 } as const;
const kinds = { requeue_events: requeueInBulk, dismiss_events: dismissInBulk };

/** One batch after the other, of so many rows, until told otherwise. */
async function run(id: string, rows: number, most = Infinity): Promise<BulkStep | null> {
  let step: BulkStep | null = null;
  for (let n = 0; n < most && (step === null || step === 'more'); n++) {
    step = await stepBulkAction(database.db, kinds, { id, rows });
  }
  return step;
}

async function dryRun(filter: EventFilter, rows = 2, kind: keyof typeof kinds = 'requeue_events'): Promise<string> {
  const id = await planBulkAction(database.db, { kind, filter, plannedBy: 'rob' });
  await run(id, rows);
  return id;
}
const confirm = (id: string) =>
  confirmBulkAction(database.db, { id, by: { actor: 'rob', note: 'the archive was down' } });

/** What the dry run says, and what became of each row, in the order of the ids. */
async function outcomes(id: string, of: 'outcome' | 'planned') {
  const rows = await wholeList(database.db, bulkRowList, { bulkAction: id });
  return rows.map((row) => {
    const [outcome, reason] = of === 'planned' ? [row.planned, row.plannedReason] : [row.outcome, row.reason];
    return [row.target, outcome, ...(reason === null ? [] : [reason])];
  });
}

describe('requeueing batch by batch comes to the same as all at once', () => {
  test('an event and what failed because of it, in the order of their creation', async () => {
    const [moved, other] = await insertEvents(database.db, [copy(1, A, B), index(C)]);
    const deleted = await insertEvent(database.db, { ...deletion(1, A), dependsOn: [moved!] });
    const indexed = await insertEvent(database.db, { ...index(B), dependsOn: [deleted] });
    await failAttempt(database.db, { ...(await take(database.db, moved!)), reason: 'x', permanent: true }, settings);
    await failAttempt(database.db, { ...(await take(database.db, other!)), reason: 'x', permanent: true }, settings);
    const id = await dryRun({ ids: [moved!] }, 1);
    expect(await readBulkAction(database.db, id)).toMatchObject({
      state: 'planned',
      chosen: 3,
      along: 2,
      planned: { done: 3, skipped: 0, refused: 0 },
    });
    expect(await statesOf(database.db, [moved!, deleted, indexed])).toEqual(['failed', 'failed', 'failed']);
    await confirm(id);
    expect(await run(id, 1)).toBe('complete');
    expect(await statesOf(database.db, [moved!, deleted, indexed, other!])).toEqual([
      'queued',
      'queued',
      'queued',
      'failed',
    ]);
    expect(await dueIds(database.db)).toEqual([moved]);
  });

  test('of several alike the oldest, and the others are skipped, in whichever batch they are', async () => {
    const ids = await insertEvents(
      database.db,
      [index(A), index(B), index(C), index(A)].map((it) => ({ ...it, ...failed })),
    );
    const dependent = await insertEvent(database.db, { ...deletion(1, A), ...failed, dependsOn: [ids[3]!] });
    const id = await dryRun({ states: ['failed'] }, 1);
    const skipped = [ids[3], 'skipped', `event ${ids[0]} is the same, and queued`];
    const expected = [[ids[0], 'done'], [ids[1], 'done'], [ids[2], 'done'], skipped, [dependent, 'done']];
    expect(await outcomes(id, 'planned')).toEqual(expected);
    await confirm(id);
    await run(id, 1);
    expect(await outcomes(id, 'outcome')).toEqual(expected);
    expect((await rowOf(database.db, dependent)).depends_on).toEqual([ids[0]]);
  });

  test('also where the first of them has been carried out before the batch of the other', async () => {
    const ids = await insertEvents(database.db, [
      { ...index(A), ...failed },
      { ...index(A), ...failed },
    ]);
    const id = await dryRun({ states: ['failed'] });
    await confirm(id);
    await run(id, 1, 1);
    await completeEvent(database.db, await take(database.db, ids[0]!), settings);
    await run(id, 1);
    expect((await outcomes(id, 'outcome'))[1]).toEqual([ids[1], 'skipped', `event ${ids[0]} is the same, and queued`]);
    expect(await statesOf(database.db, ids)).toEqual(['completed', 'failed']);
  });

  test('one that depends on a younger one waits for its batch', async () => {
    const [child, parent] = await insertEvents(database.db, [failed, failed]);
    await database.db.query('update artwork_indexer.event_queue set depends_on = array[$1::bigint] where id = $2', [
      parent,
      child,
    ]);
    const id = await dryRun({ states: ['failed'] }, 1);
    expect(await outcomes(id, 'planned')).toEqual([
      [child, 'done'],
      [parent, 'done'],
    ]);
    await confirm(id);
    await run(id, 1);
    expect(await statesOf(database.db, [child!, parent!])).toEqual(['queued', 'queued']);
  });

  test('one with a parent that stays failed is refused, and what depends on it, too', async () => {
    const parent = await insertEvent(database.db, failed);
    const child = await insertEvent(database.db, { ...failed, dependsOn: [parent] });
    const grandchild = await insertEvent(database.db, { ...failed, dependsOn: [child] });
    const expected = [
      [child, 'refused', `event ${parent}, which it depends on, stays failed`],
      [grandchild, 'refused', `event ${child}, which it depends on, stays failed`],
    ];
    expect(await outcomes(await dryRun({ ids: [child] }, 1), 'planned')).toEqual(expected);
  });

  test('what was asked for by id and is not failed is named', async () => {
    const queued = await insertEvent(database.db);
    const id = await dryRun({ ids: [queued, 999_999_999] });
    expect(await outcomes(id, 'planned')).toEqual([
      [queued, 'refused', 'it is queued'],
      [999_999_999, 'refused', 'there is no such event'],
    ]);
  });
});

describe('what changes between the dry run and its batch', () => {
  test('an event that was taken up or failed again meanwhile is refused, and says so', async () => {
    const [gone, again, kept] = await insertEvents(database.db, [failed, failed, failed]);
    const id = await dryRun({ states: ['failed'] });
    await confirm(id);
    await database.db.query(`update artwork_indexer.event_queue set state = 'queued', attempts = 0 where id = $1`, [
      gone,
    ]);
    await database.db.query(
      `update artwork_indexer.event_queue set last_updated = now() + interval '1 s' where id = $1`,
      [again],
    );
    await run(id, 2);
    expect(await outcomes(id, 'outcome')).toEqual([
      [gone, 'refused', 'it is queued'],
      [again, 'refused', 'it has changed since the dry run'],
      [kept, 'done'],
    ]);
  });

  test('what matches only since then is left alone', async () => {
    const [chosen] = await insertEvents(database.db, [failed]);
    const id = await dryRun({ states: ['failed'] });
    const later = await insertEvent(database.db, failed);
    await confirm(id);
    await run(id, 2);
    expect(await statesOf(database.db, [chosen!, later])).toEqual(['queued', 'failed']);
  });

  test('what failed because of one since then is left, and named with the result', async () => {
    const parent = await insertEvent(database.db, failed);
    const id = await dryRun({ ids: [parent] });
    const dependent = await insertEvent(database.db, { ...failed, dependsOn: [parent] });
    await confirm(id);
    await run(id, 2);
    expect(await outcomes(id, 'outcome')).toEqual([
      [parent, 'done'],
      [dependent, 'refused', 'it failed with what it depends on after the dry run, and was not a part of that'],
    ]);
  });

  test('one that was to be skipped and has no twin any more is not queued by surprise', async () => {
    const [one, twin] = await insertEvents(database.db, [{ ...index(A), ...failed }, index(A)]);
    const id = await dryRun({ ids: [one!] });
    expect(await outcomes(id, 'planned')).toEqual([[one, 'skipped', `event ${twin} is the same, and queued`]]);
    await confirm(id);
    await completeEvent(database.db, await take(database.db, twin!), settings);
    await run(id, 2);
    expect(await outcomes(id, 'outcome')).toEqual([
      [one, 'refused', 'the event that is the same is not queued any more'],
    ]);
  });

  test('what the dry run refused stays refused', async () => {
    const held = await insertEvent(database.db);
    const { runId } = await take(database.db, held);
    await database.db.query(`update artwork_indexer.event_queue set state = 'failed' where id = $1`, [held]);
    const id = await dryRun({ states: ['failed'] });
    expect(await outcomes(id, 'planned')).toEqual([[held, 'refused', 'it is claimed by a worker']]);
    await database.db.query('delete from artwork_reconciler.event_claim where run_id = $1', [runId]);
    await confirm(id);
    await run(id, 2);
    expect(await outcomes(id, 'outcome')).toEqual([[held, 'refused', 'it is claimed by a worker']]);
  });
});

describe('dismissing batch by batch', () => {
  test('hides what was chosen, and nothing that failed again since', async () => {
    const ids = await insertEvents(database.db, [failed, failed, failed, {}]);
    const id = await dryRun({ ids }, 2, 'dismiss_events');
    await database.db.query(
      `update artwork_indexer.event_queue set last_updated = now() + interval '1 s' where id = $1`,
      [ids[1]],
    );
    await confirm(id);
    await run(id, 2);
    expect(await outcomes(id, 'outcome')).toEqual([
      [ids[0], 'done'],
      [ids[1], 'refused', 'it has changed since the dry run'],
      [ids[2], 'done'],
      [ids[3], 'refused', 'it is queued'],
    ]);
    const { rows } = await database.db.query(
      'select event, actor, note from artwork_reconciler.event_dismissal order by event',
    );
    expect(rows).toEqual([ids[0], ids[2]].map((event) => ({ event, actor: 'rob', note: 'the archive was down' })));
  });
});

describe('who works on it', () => {
  test('two at once take turns: each row is done once, and nobody works on what waits for a person or has ended', async () => {
    const ids = await insertEvents(
      database.db,
      Array.from({ length: 7 }, () => failed),
    );
    const id = await planBulkAction(database.db, { kind: 'requeue_events', filter: { ids }, plannedBy: 'rob' });
    await Promise.all([run(id, 2), run(id, 3)]);
    expect(await readBulkAction(database.db, id)).toMatchObject({ state: 'planned', chosen: 7, planned: { done: 7 } });
    expect(await run(id, 2)).toBe('idle');
    await confirm(id);
    await Promise.all([run(id, 2), run(id, 3)]);
    expect(await readBulkAction(database.db, id)).toMatchObject({ state: 'done', outcome: { done: 7, refused: 0 } });
    expect(await run(id, 2)).toBe('idle');
  });

  test('a batch that fails has changed nothing and is written down, until one doesn’t', async () => {
    const ids = await insertEvents(database.db, [failed, failed, failed]);
    const id = await dryRun({ ids });
    await confirm(id);
    let faults = 1;
    const faulty: BulkKind = {
      ...requeueInBulk,
      async carryOut(tx, batch) {
        const outcomes = await requeueInBulk.carryOut(tx, batch);
        if (batch.rows.length === 1 && faults-- > 0) throw new Error('no room left on <disk>\0');
        return outcomes;
      },
    };
    const work = { id, rows: 2, isOver: () => false };
    await expect(workOnBulkAction(database.db, { requeue_events: faulty }, work)).rejects.toThrow('no room');
    expect(await statesOf(database.db, ids)).toEqual(['queued', 'queued', 'failed']);
    expect(await readBulkAction(database.db, id)).toMatchObject({
      state: 'running',
      fault: 'no room left on <disk>\uFFFD',
      outcome: { done: 2 },
    });
    expect(await workOnBulkAction(database.db, { requeue_events: faulty }, work)).toBe(false);
    expect(await readBulkAction(database.db, id)).toMatchObject({ state: 'done', fault: null, outcome: { done: 3 } });
  });

  test('all of it is one record, with what became of it', async () => {
    const ids = await insertEvents(database.db, [failed, failed, {}]);
    const id = await dryRun({ ids });
    expect(await confirm(id)).toEqual({ started: true, state: 'running' });
    expect(await confirm(id)).toEqual({ started: false, state: 'running' });
    await run(id, 1);
    const { rows } = await database.db.query(
      'select actor, action, target, note, after from artwork_reconciler.operator_action',
    );
    expect(rows).toEqual([
      {
        actor: 'rob',
        action: 'requeue events',
        target: '2 events',
        note: 'the archive was down',
        after: {
          bulk_action: id,
          filter: { ids },
          state: 'done',
          planned: { done: 2, skipped: 0, refused: 1 },
          outcome: { done: 2, skipped: 0, refused: 1 },
        },
      },
    ]);
  });
});
