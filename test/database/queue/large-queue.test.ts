import { beforeAll, describe, expect, it } from 'vitest';
import type { Queryable } from '../../../src/database/connection.ts';
import { countByState, countReasonKinds } from '../../../src/database/queue/counts.ts';
import { findDueEvents } from '../../../src/database/queue/due-events.ts';
import { readEventsNaming } from '../../../src/database/queue/events-naming.ts';
import { countList, readList } from '../../../src/database/lists/list.ts';
import type { ListPage } from '../../../src/database/lists/walk.ts';
import type { EventFilter } from '../../../src/database/queue/event-fields.ts';
import { eventList, type ListedEvent } from '../../../src/database/queue/list-events.ts';
import { readEventActions, readEventTree, showEvent } from '../../../src/database/queue/show-event.ts';
import { whyNotClaimable, whyWaiting } from '../../../src/database/queue/why-not-claimable.ts';
import { asAsked, type Asked, createTestDatabase } from '../../support/database.ts';
import { settings } from './queue.ts';

const rows = { completed: 1_000_000, failed: 100_000, queued: 100_000 };

const test = await createTestDatabase();
let queuedGid: string;
let queuedId: number;

/** Filled without the indexes, which are then made as they were: that takes a third of the time. */
async function withoutIndexes(db: Queryable, work: () => Promise<void>): Promise<void> {
  const indexes = await db.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
     where indrelid = 'artwork_indexer.event_queue'::regclass and not indisprimary`,
  );
  for (const { name } of indexes.rows) await db.query(`drop index ${name}`);
  await work();
  for (const { definition } of indexes.rows) await db.query(definition);
}

const fill = (state: string, count: number, attempts: number, secondsApart: number): string => `
  insert into artwork_indexer.event_queue (state, entity_type, action, message, attempts, created, last_updated)
  select '${state}', (case when n % 50 = 0 then 'event' else 'release' end)::artwork_indexer.indexable_entity_type, 'index',
    jsonb_build_object('gid', md5('${state}' || n)::uuid), ${attempts}, moment, moment
  from generate_series(1, ${count}) n, lateral (select now() - (${count} - n) * ${secondsApart} * interval '1 second' as moment) made`;

beforeAll(async () => {
  await withoutIndexes(test.db, async () => {
    await test.db.query(fill('completed', rows.completed, 1, 7));
    await test.db.query(fill('failed', rows.failed, 5, 70));
  });
  await test.db.query(
    `insert into artwork_indexer.event_failure_reason (event, failure_reason, created)
     select id, 'PUT https://s3.us.archive.org/mbid-' || (message->>'gid') || '/index.json: HTTP ' || 500 + (id + n) % 20
         || ': ' || md5(id::text || n), last_updated + n * interval '1 second'
     from artwork_indexer.event_queue, generate_series(1, 3) n where state = 'failed'`,
  );
  await test.vacuum('artwork_indexer.event_queue, artwork_indexer.event_failure_reason');
}, 300_000);

/** The pages that each statement of a question touches, by EXPLAIN. Every test asks for as few rows as it may. */
async function pagesOf(ask: (q: Queryable) => Promise<unknown>): Promise<number[]> {
  const asked: Asked[] = [];
  await ask({
    query: (statement, values) => {
      asked.push(asAsked(statement, values));
      return test.db.query(statement, values);
    },
  });
  const pages: number[] = [];
  for (const { sql, values } of asked) {
    const { rows: plans } = await test.db.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
      `explain (analyze, buffers, format json) ${sql}`,
      values,
    );
    const plan = plans[0]!['QUERY PLAN'][0].Plan;
    pages.push(plan['Shared Hit Blocks']! + plan['Shared Read Blocks']!);
  }
  return pages;
}

/** Of all statements of one question together, and their number. */
async function costOf(ask: (q: Queryable) => Promise<unknown>): Promise<{ statements: number; pages: number }> {
  const pages = await pagesOf(ask);
  return { statements: pages.length, pages: pages.reduce((sum, more) => sum + more, 0) };
}

const poll = (q: Queryable): Promise<unknown> => findDueEvents(q, 8, settings);

describe('with a million completed and a hundred thousand failed events', () => {
  it('polling an idle queue is one statement that touches a few pages', async () => {
    const { statements, pages } = await costOf(poll);
    expect(statements).toBe(1);
    expect(pages).toBeLessThan(40);
  });

  it('what an audit asks of an entity touches a few pages', async () => {
    const gid = '00000000-0000-4000-8000-000000000000';
    expect((await costOf((q) => readEventsNaming(q, 'release', gid))).pages).toBeLessThan(20);
  });
});

describe('what pages of events ask', () => {
  /** As the configuration has it. */
  const scan = 10_000;
  const page = { limit: 50, look: scan };
  const failed: EventFilter = { states: ['failed'] };
  const days = (number: number): number => number * 86_400;

  it.each([
    ['all failed ones', failed, 2000],
    ['all completed ones', { states: ['completed'] }, 3000],
    ['all running ones', { states: ['running'] }, 2000],
    ['all', {}, 2000],
    ['failed ones of a rare action', { ...failed, action: 'deindex' }, 10_000],
    ['completed ones of a rare action', { states: ['completed'], action: 'deindex' }, 10_000],
    ['failed ones that were created long ago', { ...failed, olderThan: days(40) }, 3000],
    ['completed ones that were created long ago', { states: ['completed'], olderThan: days(40) }, 3000],
    ['failed ones that were created just now', { ...failed, newerThan: days(0.01) }, 1000],
  ] as const)('%s: as many pages as a list may cost', async (_what, filter, most) => {
    expect((await costOf((q) => readList(q, eventList, filter, page))).pages).toBeLessThan(most);
  });

  it('a text that is in no reason costs what looking at the rows of a page costs, however many have failed', async () => {
    const { pages } = await costOf((q) => readList(q, eventList, { ...failed, reason: 'not to be found' }, page));
    expect(pages).toBeLessThan(20 * scan);
    expect(await readList(test.db, eventList, { ...failed, reason: 'not to be found' }, page)).toEqual({
      rows: [],
      next: expect.any(String) as string,
    });
  });

  it('a search that is resumed finds the only event there is', async () => {
    const { rows: oldest } = await test.db.query<{ id: number }>(
      `select id from artwork_indexer.event_queue where state = 'failed' order by id limit 1`,
    );
    const reason = /: HTTP \d+: (\w+)$/.exec((await showEvent(test.db, oldest[0]!.id, settings))!.lastReason!)![1]!;
    let looks = 0;
    let found: number[] = [];
    for (let after: string | null = null; found.length === 0; looks++) {
      const { rows: events, next }: ListPage<ListedEvent> = await readList(
        test.db,
        eventList,
        { ...failed, reason },
        { ...page, after },
      );
      found = events.map(({ id }) => id);
      after = next;
      if (next === null) break;
    }
    expect(found).toEqual([oldest[0]!.id]);
    expect(looks).toBeLessThanOrEqual(rows.failed / scan + 1);
  });

  it('counts end where they are told to', async () => {
    expect((await costOf((q) => countByState(q, 10_000))).pages).toBeLessThan(40_000);
    expect((await costOf((q) => countList(q, eventList, failed, scan))).pages).toBeLessThan(20_000);
    expect(await countList(test.db, eventList, failed, scan)).toMatchObject({ exact: false });
  });

  it('reasons are counted by kind, a page of events at a time', async () => {
    const { kinds, next } = await countReasonKinds(test.db, { before: null, limit: scan });
    expect(kinds.map(({ kind, count }) => [kind, count])).toContainEqual(['PUT …: HTTP 503: …', scan / 20]);
    expect(kinds).toHaveLength(20);
    expect(next).not.toBeNull();
  });

  it('one event’s page costs a few pages', async () => {
    const id = rows.completed + 5;
    expect((await costOf((q) => readEventTree(q, id, 200))).pages).toBeLessThan(50);
    expect((await costOf((q) => readEventActions(q, id, 50))).pages).toBeLessThan(50);
  });
});

describe('with a hundred thousand queued on top, just inserted and never analyzed', () => {
  beforeAll(async () => {
    await test.db.query(fill('queued', rows.queued, 0, 0));
    const { rows: some } = await test.db.query<{ id: number; gid: string }>(
      `select id, message->>'gid' as gid from artwork_indexer.event_queue where state = 'queued' order by id limit 1`,
    );
    queuedId = some[0]!.id;
    queuedGid = some[0]!.gid;
  });

  it('a poll reads what it returns and its neighbours, not the queue', async () => {
    expect((await findDueEvents(test.db, 8, settings)).map(({ id }) => id)).toEqual(
      Array.from({ length: 8 }, (_, position) => queuedId + position),
    );
    const { statements, pages } = await costOf(poll);
    expect(statements).toBeLessThanOrEqual(3);
    expect(pages).toBeLessThan(3000);
  });

  it('a claim looks at its own item', async () => {
    expect((await costOf((q) => whyNotClaimable(q, queuedId, settings))).pages).toBeLessThan(60);
  });

  it('why each of a page waits is as many statements as for one', async () => {
    const ids = Array.from({ length: 50 }, (_, position) => queuedId + position);
    const { statements, pages } = await costOf((q) => whyWaiting(q, ids, settings));
    expect(statements).toBeLessThanOrEqual(3);
    expect(pages).toBeLessThan(3000);
  });

  it('what an audit asks of an entity touches a few pages', async () => {
    expect((await costOf((q) => readEventsNaming(q, 'release', queuedGid))).pages).toBeLessThan(40);
  });

  it('lists and one event’s page read what they show', async () => {
    await test.db.query('analyze artwork_indexer.event_queue');
    const list = async (filter: EventFilter) =>
      (await costOf((q) => readList(q, eventList, filter, { limit: 50, look: 10_000 }))).pages;
    expect(await list({})).toBeLessThan(1000);
    expect(await list({ states: ['failed'] })).toBeLessThan(1000);
    expect(await list({ states: ['queued'] })).toBeLessThan(1000);
    expect(await list({ gid: queuedGid })).toBeLessThan(100);
    expect((await costOf((q) => countList(q, eventList, { states: ['failed'] }, 10_000))).pages).toBeLessThan(12_000);
    expect((await costOf((q) => showEvent(q, queuedId, settings))).pages).toBeLessThan(100);
  });

  it('a thousand events of one item at its head don’t hide the rest', async () => {
    await test.db.query(
      `insert into artwork_indexer.event_queue (entity_type, action, message, created, last_updated)
       select 'release', 'delete_image', jsonb_build_object('gid', md5('head')::uuid, 'suffix', 'jpg', 'artwork_id', n),
         now() - interval '1 day', now() - interval '1 day'
       from generate_series(1, 1000) n`,
    );
    const due = await findDueEvents(test.db, 8, settings);
    expect(due.map(({ action }) => action)).toEqual(['delete_image', ...Array.from({ length: 7 }, () => 'index')]);
    expect((await costOf(poll)).pages).toBeLessThan(15_000);
  });
});
