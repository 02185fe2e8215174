import { beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import type { Database, Queryable } from '../../../src/database/connection.ts';
import { readFigures } from '../../../src/database/figures/figures.ts';
import { asAsked, type Asked, createTestDatabase } from '../../support/database.ts';

const config = readConfig({ file: '/dev/null', env: {} });
const timeoutSeconds = 120;

const database = await createTestDatabase({ musicbrainz: false });

const read = () => readFigures(database.db, config, timeoutSeconds);

test('an empty database has all figures, at nothing', async () => {
  const { events, entities, unclaimed, pace, budgets, brakes } = await read();
  expect(events).toMatchObject({ failedNotDismissed: 0, oldestDueSeconds: null, oldestQueuedSeconds: null });
  expect(entities).toMatchObject({ due: 0, openReviews: 0, regressedReviews: 0 });
  expect(unclaimed).toEqual({ events: 0, audits: 0 });
  expect(pace).toMatchObject({ started: 0, lastTickAt: null, pace: { perHour: 600 } });
  expect(budgets.map(({ service, bookedSeconds }) => [service, bookedSeconds])).toEqual([
    ['archive', 0],
    ['musicbrainz', 0],
  ]);
  expect(brakes).toEqual([]);
});

/** Queues an event that looks as if it were `seconds` old; `attempts` of them have failed, the last as long ago. */
async function queued(seconds: number, attempts = 0): Promise<number> {
  const { rows } = await database.db.query<{ id: number }>(
    `insert into artwork_indexer.event_queue (entity_type, action, message, created, last_updated, attempts)
     select 'release', 'index', jsonb_build_object('gid', gen_random_uuid()), moment, moment, $2
     from (select now() - $1::float8 * interval '1 second' as moment) made returning id`,
    [seconds, attempts],
  );
  return rows[0]!.id;
}

test('the age of the oldest due event is the time since it could be started, not since it was made', async () => {
  // Its second attempt was due an hour after the first: 100 seconds ago.
  const retried = await queued(3700, 1);
  // Its third is not due yet.
  const waiting = await queued(7100, 2);
  const { events } = await read();
  expect(events.oldestDueSeconds).toBeGreaterThanOrEqual(100);
  expect(events.oldestDueSeconds).toBeLessThan(100 + timeoutSeconds);
  expect(events.oldestQueuedSeconds).toBeGreaterThanOrEqual(7100);
  await database.db.query('delete from artwork_indexer.event_queue where id = any ($1)', [[retried, waiting]]);
});

test('an event that was put off is due since the end of that, and one that waits for nothing since it was made', async () => {
  const { db } = database;
  const putOff = await queued(7200);
  await db.query(
    `insert into artwork_reconciler.event_not_before (event, until, reason)
     values ($1, now() - interval '100 seconds', 'a cool-down')`,
    [putOff],
  );
  const dueFor = async () => (await read()).events.oldestDueSeconds!;
  expect(await dueFor()).toBeGreaterThanOrEqual(100);
  expect(await dueFor()).toBeLessThan(100 + timeoutSeconds);
  const young = await queued(50);
  await db.query('delete from artwork_indexer.event_queue where id = $1', [putOff]);
  expect(await dueFor()).toBeGreaterThanOrEqual(50);
  expect(await dueFor()).toBeLessThan(50 + timeoutSeconds);
  await db.query('delete from artwork_indexer.event_queue where id = $1', [young]);
  // Postponed by hand: it is not due, and no seconds old rather than fewer.
  const early = await queued(-3600);
  expect((await read()).events).toMatchObject({ oldestDueSeconds: null, oldestQueuedSeconds: 0 });
  await db.query('delete from artwork_indexer.event_queue where id = $1', [early]);
  expect((await read()).events).toMatchObject({ oldestDueSeconds: null, oldestQueuedSeconds: null });
});

test('entities, reviews and events are counted by how they stand, and those that are due apart from those that wait', async () => {
  const { db } = database;
  const statuses = { unchecked: 5, audit_in_progress: 1, clean: 4, manual_review: 3, repair_queue: 2, legacy: 6 };
  await db.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid, status, due_at)
     select 'release', gen_random_uuid(), status::artwork_reconciler.audit_entity_status,
       case when status = 'unchecked' and n <= 3 then now() + interval '1 hour' end
     from unnest($1::text[], $2::int[]) as given (status, count), generate_series(1, count) n`,
    [Object.keys(statuses), Object.values(statuses)],
  );
  await db.query(
    `insert into artwork_reconciler.needs_manual_review (audit_entity_id, review_reason, status, regressed)
     select id, 'r', case when place = 1 then 'resolved' else 'open' end::artwork_reconciler.manual_review_status, place <= 2
     from (select id, row_number() over (order by id) as place from artwork_reconciler.audit_entity) numbered`,
  );
  const states = { queued: 1, running: 2, completed: 3, failed: 4 };
  await db.query(
    `insert into artwork_indexer.event_queue (entity_type, action, message, state)
     select 'release', 'noop', jsonb_build_object('n', n, 'state', state), state::artwork_indexer.event_state
     from unnest($1::text[], $2::int[]) as given (state, count), generate_series(1, count) n`,
    [Object.keys(states), Object.values(states)],
  );
  await db.query(
    `insert into artwork_reconciler.event_dismissal (event, last_updated, actor)
     select id, last_updated, 'ida' from artwork_indexer.event_queue where state = 'failed' limit 1`,
  );
  const { entities, events } = await read();
  expect(entities).toEqual({ byStatus: statuses, due: 2, openReviews: 20, regressedReviews: 1 });
  expect(events.byState).toEqual(
    Object.fromEntries(Object.entries(states).map(([state, count]) => [state, { count, isEstimate: false }])),
  );
  expect(events.failedNotDismissed).toBe(3);
  await db.query('delete from artwork_reconciler.audit_entity');
  await db.query('delete from artwork_indexer.event_queue');
});

test('budgets tell for how long turns are taken and what is left of a cool-down, each service by itself', async () => {
  const { db } = database;
  await db.query(
    `insert into artwork_reconciler.budget (service, next_free_at, cool_down_until)
     values ('archive', now() + interval '1000 seconds', now() - interval '1 second'),
            ('musicbrainz', now() - interval '1 hour', now() + interval '2000 seconds')`,
  );
  const [archive, musicbrainz] = (await read()).budgets;
  await db.query('truncate artwork_reconciler.budget');
  expect(archive).toEqual({
    service: 'archive',
    coolDownSeconds: 0,
    bookedSeconds: expect.closeTo(1000, -3) as number,
  });
  expect(musicbrainz).toEqual({
    service: 'musicbrainz',
    coolDownSeconds: expect.closeTo(2000, -3) as number,
    bookedSeconds: 0,
  });
});

test('the pace tells what was started and when the pacer looked last', async () => {
  const { db } = database;
  await db.query(
    `update artwork_reconciler.pace set started = 17, last_tick_at = to_timestamp(1769860800.5), set_per_day = 48`,
  );
  const { pace } = await read();
  await db.query(`update artwork_reconciler.pace set started = 0, last_tick_at = null, set_per_day = null`);
  expect(pace).toMatchObject({ started: 17, lastTickAt: 1_769_860_800.5, pace: { perHour: 2 } });
});

test('rows that nobody works on are seen by themselves', async () => {
  const { db } = database;
  await db.query(
    `insert into artwork_indexer.event_queue (entity_type, action, message, last_updated, state)
     values ('release', 'noop', '{"n": 1}', now() - interval '16 minutes', 'running'),
            ('release', 'noop', '{"n": 2}', now() - interval '14 minutes', 'running')`,
  );
  await db.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid, status, claim_run_id, claim_expires_at)
     values ('release', gen_random_uuid(), 'audit_in_progress', 'a shell', now() - interval '1 minute'),
            ('release', gen_random_uuid(), 'audit_in_progress', 'a shell', now() + interval '1 minute')`,
  );
  expect((await read()).unclaimed).toEqual({ events: 1, audits: 1 });
  await db.query('delete from artwork_indexer.event_queue');
  await db.query('delete from artwork_reconciler.audit_entity');
});

describe('with three hundred thousand entities and as many events', () => {
  const many = 300_000;
  // Two of one kind among so many of another: what a count without an index would read everything for.
  beforeAll(async () => {
    const { db } = database;
    await db.query(
      `insert into artwork_reconciler.audit_entity (entity_type, gid, status, last_audit_at)
       select 'release', md5('e' || n)::uuid,
         (case when n <= 2 then 'legacy' when n <= 5 then 'repair_queue' else 'clean' end)::artwork_reconciler.audit_entity_status,
         now() - n * interval '1 minute'
       from generate_series(1, ${many}) n`,
    );
    await db.query(
      `insert into artwork_indexer.event_queue (entity_type, action, message, state)
       select 'release', 'index', jsonb_build_object('gid', md5('v' || n)::uuid),
         (case when n <= 3 then 'failed' else 'completed' end)::artwork_indexer.event_state
       from generate_series(1, ${many}) n`,
    );
    await database.vacuum('artwork_reconciler.audit_entity');
    await database.vacuum('artwork_indexer.event_queue');
  }, 300_000);

  test('few are counted, many are estimated', async () => {
    const { entities, events, pace } = await read();
    expect(entities.byStatus).toMatchObject({ repair_queue: 3, unchecked: 0, manual_review: 0 });
    expect(entities.byStatus.clean).toBeGreaterThan(0.9 * many);
    expect(entities.byStatus.clean).toBeLessThan(1.1 * many);
    expect(events.byState).toMatchObject({
      failed: { count: 3, isEstimate: false },
      queued: { count: 0, isEstimate: false },
      completed: { isEstimate: true },
    });
    expect(pace.fullPass.isEstimate).toBe(true);
  });

  test('no statement reads more than the ten thousand that are counted one by one', async () => {
    const statements: Asked[] = [];
    const spied: Database = {
      ...database.db,
      transaction: (work) =>
        database.db.transaction((tx) =>
          work({
            ...tx,
            query: (statement, values) => {
              statements.push(asAsked(statement, values));
              return tx.query(statement, values);
            },
          }),
        ),
    };
    await readFigures(spied, config, timeoutSeconds);
    const asked = statements.filter(({ sql }) => /^\s*(select|with)/i.test(sql));
    expect(asked.length).toBeGreaterThan(15);
    await database.db.transaction(async (tx) => {
      await tx.query('set local enable_seqscan = off');
      for (const { sql, values } of asked) expect([await rowsRead(tx, sql, values), sql]).toEqual([true, sql]);
    });
  });
});

/** Whether a statement reads no more rows than are counted at most, whatever it then does with them. */
async function rowsRead(q: Queryable, sql: string, values: readonly unknown[] | undefined): Promise<boolean> {
  const { rows } = await q.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
    `explain (analyze, format json) ${sql}`,
    values,
  );
  const read = (node: PlanNode): number =>
    Math.max(
      (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
      ...(node.Plans ?? []).map(read),
    );
  return read(rows[0]!['QUERY PLAN'][0].Plan) <= 10_000;
}

interface PlanNode {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}
