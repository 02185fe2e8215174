import { beforeEach, describe, expect, it } from 'vitest';
import { failAttempt } from '../../../src/database/attempts/end-attempt.ts';
import { dismissEvents } from '../../../src/database/queue/dismiss-events.ts';
import type { EventFilter } from '../../../src/database/queue/event-fields.ts';
import { eventList } from '../../../src/database/queue/list-events.ts';
import { versionOfDecision } from '../../../src/database/queue/plan-requeue.ts';
import { insertRepairs } from '../../../src/database/queue/queue-event.ts';
import { requeueEvents } from '../../../src/database/queue/requeue-events.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  A,
  B,
  C,
  claim,
  copy,
  deletion,
  dueIds,
  emptyQueue,
  index,
  insertEvent,
  insertEvents,
  openTransaction,
  reasonsOf,
  rowOf,
  settings,
  statesOf,
  take,
  untilBlocked,
} from './queue.ts';
import { wholeList } from '../../support/lists.ts';

const test = await createTestDatabase();
beforeEach(async () => {
  await emptyQueue(test.db);
  await test.db.query('delete from artwork_reconciler.operator_action');
});

const by = { actor: 'rob', note: 'the archive was down' };
const requeue = (ids: readonly number[], dryRun = false) => requeueEvents(test.db, ids, by, { dryRun });
/** As somebody does who has seen the list of failed events. */
const listedIds = async (): Promise<number[]> =>
  (await wholeList(test.db, eventList, { states: ['failed'] })).map(({ id }) => id);
const failed = { state: 'failed', attempts: 5 } as const;
const actions = async (): Promise<unknown[]> =>
  (await test.db.query('select actor, action, target, note from artwork_reconciler.operator_action order by id')).rows;

describe('requeueing a failed event', () => {
  it('gives it all its attempts again, in its old place, and keeps its history', async () => {
    const [id] = await insertEvents(test.db, [failed, {}]);
    await test.db.query('insert into artwork_indexer.event_failure_reason (event, failure_reason) values ($1, $2)', [
      id,
      'HTTP 500',
    ]);
    const { created } = await rowOf(test.db, id!);
    expect(await requeue([id!])).toEqual({ requeued: [id], along: [], skipped: [], refused: [] });
    expect(await rowOf(test.db, id!)).toMatchObject({ state: 'queued', attempts: 0, created });
    expect(await reasonsOf(test.db, id!)).toEqual(['HTTP 500']);
    expect((await dueIds(test.db))[0]).toBe(id);
    expect(await actions()).toEqual([{ actor: 'rob', action: 'requeue events', target: `event ${id}`, note: by.note }]);
  });

  it('takes along what had failed because of it, in order', async () => {
    const [moved, other] = await insertEvents(test.db, [copy(1, A, B), index(C)]);
    const deleted = await insertEvent(test.db, { ...deletion(1, A), dependsOn: [moved!] });
    const indexed = await insertEvent(test.db, { ...index(B), dependsOn: [deleted] });
    await failAttempt(test.db, { ...(await take(test.db, moved!)), reason: 'x', permanent: true }, settings);
    await failAttempt(test.db, { ...(await take(test.db, other!)), reason: 'x', permanent: true }, settings);
    const result = await requeue([moved!]);
    expect(result).toEqual({
      requeued: [moved, deleted, indexed],
      along: [deleted, indexed],
      skipped: [],
      refused: [],
    });
    expect(await statesOf(test.db, [moved!, deleted, indexed, other!])).toEqual([
      'queued',
      'queued',
      'queued',
      'failed',
    ]);
    expect(await dueIds(test.db)).toEqual([moved]);
  });

  it('says what it would do, and does nothing, when asked to', async () => {
    const [id] = await insertEvents(test.db, [failed]);
    expect(await requeue(await listedIds(), true)).toMatchObject({ requeued: [id] });
    expect(await statesOf(test.db, [id!])).toEqual(['failed']);
    expect(await actions()).toEqual([]);
  });

  it('skips one whose like is queued, and what depended on it depends on that', async () => {
    const [original, twin] = await insertEvents(test.db, [{ ...copy(1, A, B), ...failed }, copy(1, A, B)]);
    const deleted = await insertEvent(test.db, { ...deletion(1, A), ...failed, dependsOn: [original!] });
    const blocked = await insertEvent(test.db, { ...index(C), dependsOn: [original!] });
    expect(await requeue([original!])).toMatchObject({
      requeued: [deleted],
      skipped: [{ id: original, twin }],
      refused: [],
    });
    expect((await rowOf(test.db, deleted)).depends_on).toEqual([twin]);
    expect((await rowOf(test.db, blocked)).depends_on).toEqual([twin]);
    expect(await statesOf(test.db, [original!, deleted])).toEqual(['failed', 'queued']);
    expect(await dueIds(test.db)).toEqual([twin]);
  });

  it('does so too where nothing is left to requeue, and records it', async () => {
    const [twin, skipped] = await insertEvents(test.db, [index(A), { ...index(A), ...failed }]);
    const waits = await insertEvent(test.db, { ...index(B), dependsOn: [skipped!] });
    expect(await requeue([skipped!])).toMatchObject({ requeued: [], skipped: [{ id: skipped, twin }] });
    expect(await rowOf(test.db, waits)).toMatchObject({ state: 'queued', depends_on: [twin] });
    expect(await actions()).toMatchObject([{ actor: 'rob', action: 'requeue events' }]);
  });

  it('lets it wait no longer for what it waited for before it failed', async () => {
    const id = await insertEvent(test.db, failed);
    await test.db.query(
      `insert into artwork_reconciler.event_not_before (event, until, reason) values ($1, now() + interval '1 day', 'x')`,
      [id],
    );
    await requeue([id]);
    expect(await dueIds(test.db)).toEqual([id]);
  });

  it('does not let an event wait for a twin that waits for it', async () => {
    const original = await insertEvent(test.db, { ...index(A), ...failed });
    const deleted = await insertEvent(test.db, { ...deletion(1, A), ...failed, dependsOn: [original] });
    const twin = await insertEvent(test.db, { ...index(A), dependsOn: [deleted] });
    expect(await requeue(await listedIds())).toMatchObject({
      requeued: [deleted],
      skipped: [{ id: original, twin }],
    });
    expect((await rowOf(test.db, deleted)).depends_on).toBeNull();
    expect(await dueIds(test.db)).toEqual([deleted]);
  });

  it('queues the oldest of several alike', async () => {
    const [oldest, younger] = await insertEvents(test.db, [
      { ...index(A), ...failed },
      { ...index(A), ...failed },
    ]);
    expect(await requeue(await listedIds())).toMatchObject({
      requeued: [oldest],
      skipped: [{ id: younger, twin: oldest }],
    });
  });

  it('refuses one with a parent that stays failed, and names it', async () => {
    const [parent, other] = await insertEvents(test.db, [failed, failed]);
    const child = await insertEvent(test.db, { ...failed, dependsOn: [parent!, other!] });
    const grandchild = await insertEvent(test.db, { ...failed, dependsOn: [child] });
    expect(await requeue([other!, child])).toEqual({
      requeued: [other],
      along: [],
      skipped: [],
      refused: [
        { id: child, reason: `event ${parent}, which it depends on, stays failed` },
        { id: grandchild, reason: `event ${child}, which it depends on, stays failed` },
      ],
    });
    expect(await requeue([parent!])).toMatchObject({ requeued: [parent, child, grandchild] });
  });

  it('names what it was asked for and is not failed, or claimed by somebody', async () => {
    const [queued, inProgress] = await insertEvents(test.db, [{}, {}]);
    await take(test.db, inProgress!);
    await test.db.query(`update artwork_indexer.event_queue set state = 'failed' where id = $1`, [inProgress]);
    const { requeued, refused } = await requeue([queued!, inProgress!, 999_999_999]);
    expect(requeued).toEqual([]);
    expect(refused).toEqual([
      { id: inProgress, reason: 'it is claimed by a worker' },
      { id: queued, reason: 'it is queued' },
      { id: 999_999_999, reason: 'there is no such event' },
    ]);
    expect(await actions()).toEqual([]);
  });

  it('also helps one that somebody’s SQL has queued without an attempt left', async () => {
    const id = await insertEvent(test.db, { attempts: 5 });
    expect(await requeue([id])).toMatchObject({ requeued: [id] });
    expect(await dueIds(test.db)).toEqual([id]);
  });

  it('marks it as requeued, but an audit’s stays an audit’s', async () => {
    const { eventIds } = await test.db.transaction((tx) =>
      insertRepairs(tx, [{ entityType: 'release', action: 'index', message: { gid: A }, dependsOn: [] }]),
    );
    const trigger = await insertEvent(test.db, index(B));
    await test.db.query(`update artwork_indexer.event_queue set state = 'failed'`);
    await requeue(await listedIds());
    expect(await claim(test.db, eventIds[0]!)).toMatchObject({ origin: 'audit' });
    expect(await claim(test.db, trigger)).toMatchObject({ origin: 'requeued' });
  });

  it('meets a twin that a trigger commits meanwhile', async () => {
    const id = await insertEvent(test.db, { ...index(A), ...failed });
    const trigger = await openTransaction(test.db);
    const twin = await insertEvent(trigger.tx, index(A));
    const requeueing = requeue([id]);
    await untilBlocked(test.db);
    await trigger.commit();
    expect(await requeueing).toMatchObject({ requeued: [], skipped: [{ id, twin }] });
  });

  it('locks by message, as all others do, what it queues in the order of creation', async () => {
    const younger = await insertEvent(test.db, { ...index(A), ...failed, age: 1 });
    const older = await insertEvent(test.db, { ...index(B), ...failed, age: 2 });
    const other = await openTransaction(test.db);
    const lock = 'select id from artwork_indexer.event_queue where id = $1 for update skip locked';
    await other.tx.query(lock, [younger]);
    const requeueing = requeue([younger, older]);
    await untilBlocked(test.db);
    const { rows: free } = await other.tx.query(lock, [older]);
    await other.commit();
    expect(free).toEqual([{ id: older }]);
    expect((await requeueing).requeued).toEqual([older, younger]);
  });

  it('ends for events that depend on each other in a circle', async () => {
    const [one, two] = await insertEvents(test.db, [failed, failed]);
    await test.db.query('update artwork_indexer.event_queue set depends_on = array[$1::bigint] where id = $2', [
      one,
      two,
    ]);
    await test.db.query('update artwork_indexer.event_queue set depends_on = array[$1::bigint] where id = $2', [
      two,
      one,
    ]);
    expect((await requeue(await listedIds())).refused).toHaveLength(2);
  });
});

describe('dismissing failed events', () => {
  it('hides them from default lists, and nothing else', async () => {
    const [dismissed, seen] = await insertEvents(test.db, [failed, failed]);
    expect(await dismissEvents(test.db, [dismissed!], by)).toEqual({ dismissed: [dismissed], refused: [] });
    expect(await statesOf(test.db, [dismissed!])).toEqual(['failed']);
    const list = async (filter: EventFilter): Promise<number[]> =>
      (await wholeList(test.db, eventList, { states: ['failed'], ...filter })).map(({ id }) => id);
    expect(await list({})).toEqual([seen]);
    expect(await list({ dismissed: 'shown' })).toEqual([seen, dismissed]);
    expect(await list({ dismissed: 'only' })).toEqual([dismissed]);
    expect(await actions()).toMatchObject([{ actor: 'rob', action: 'dismiss events', target: `event ${dismissed}` }]);
  });

  it('is undone by requeueing, and by whatever else lets the event fail again', async () => {
    const [requeued, byHand] = await insertEvents(test.db, [failed, failed]);
    await dismissEvents(test.db, await listedIds(), by);
    expect(await requeue(await listedIds())).toMatchObject({ requeued: [] });
    expect(await requeue([requeued!])).toMatchObject({ requeued: [requeued] });
    await test.db.query(
      `update artwork_indexer.event_queue set state = 'queued', attempts = 4, last_updated = now() - interval '9 hours' where id = any ($1)`,
      [[requeued, byHand]],
    );
    for (const id of [requeued!, byHand!]) {
      await failAttempt(test.db, { ...(await take(test.db, id)), reason: 'x', permanent: false }, settings);
    }
    const events = await wholeList(test.db, eventList, { states: ['failed'] });
    expect(events.map(({ id }) => id)).toEqual([byHand, requeued]);
  });

  it('refuses what is not failed, and can be tried out first', async () => {
    const [queued, gone] = await insertEvents(test.db, [{}, failed]);
    expect(await dismissEvents(test.db, [queued!, gone!], by, { dryRun: true })).toEqual({
      dismissed: [gone],
      refused: [{ id: queued, reason: 'it is queued' }],
    });
    expect(await actions()).toEqual([]);
    await dismissEvents(test.db, [gone!], by);
    expect(await dismissEvents(test.db, [gone!], by)).toEqual({
      dismissed: [],
      refused: [{ id: gone, reason: 'it is dismissed' }],
    });
  });

  it('leaves one alone that is claimed by somebody', async () => {
    const [inProgress, other] = await insertEvents(test.db, [{}, failed]);
    await take(test.db, inProgress!);
    await test.db.query(`update artwork_indexer.event_queue set state = 'failed' where id = $1`, [inProgress]);
    expect(await dismissEvents(test.db, [inProgress!, other!], by)).toEqual({
      dismissed: [other],
      refused: [{ id: inProgress, reason: 'it is claimed by a worker' }],
    });
  });

  it('hides one again that failed again since', async () => {
    const [id] = await insertEvents(test.db, [failed]);
    await dismissEvents(test.db, [id!], by);
    await test.db.query(`update artwork_indexer.event_queue set last_updated = now() + interval '1 second'`);
    expect(await dismissEvents(test.db, [id!], { actor: 'eve' })).toMatchObject({ dismissed: [id] });
    const { rows } = await test.db.query('select actor, note from artwork_reconciler.event_dismissal');
    expect(rows).toEqual([{ actor: 'eve', note: null }]);
    expect(await wholeList(test.db, eventList, { states: ['failed'] })).toEqual([]);
  });
});

describe('requeueing or dismissing an event as a page showed it', () => {
  it.each<[what: string, change: (id: number, along: number) => Promise<unknown>]>([
    ['it failed again', (id) => touch(id)],
    ['somebody dismissed it', (id) => dismissEvents(test.db, [id], { actor: 'eve' })],
    ['what would go along failed again', (_, along) => touch(along)],
    ['somebody dismissed what would go along', (_, along) => dismissEvents(test.db, [along], { actor: 'eve' })],
    ['more failed because of it', (id) => insertEvent(test.db, { ...failed, dependsOn: [id] })],
  ])('does nothing where since then %s', async (_, change) => {
    const id = await insertEvent(test.db, failed);
    const along = await insertEvent(test.db, { ...failed, dependsOn: [id] });
    const seen = await versionOfDecision(test.db, id);
    await change(id, along);
    const refused = [{ id, reason: 'it has changed since the page was shown' }];
    expect(await requeueEvents(test.db, [id], by, { seen })).toMatchObject({ requeued: [], refused });
    expect(await dismissEvents(test.db, [id], by, { seen })).toEqual({ dismissed: [], refused });
    const now = await versionOfDecision(test.db, id);
    expect((await requeueEvents(test.db, [id], by, { seen: now })).requeued).toContain(id);
  });
});

async function touch(id: number): Promise<void> {
  await test.db.query('update artwork_indexer.event_queue set last_updated = clock_timestamp() where id = $1', [id]);
}
