import { beforeEach, describe, expect, test, vi } from 'vitest';
import { tryKeysNow } from '../../src/database/attempts/probes.ts';
import { pauseWork, resumeWork, setBrake } from '../../src/database/brakes/stored-brakes.ts';
import { addEvent, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { minutesPass, rowOf } from '../database/queue/queue.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { patience } from '../support/patience.ts';
import { eventsInRows } from './events-in-rows.ts';

const events = eventsInRows();
const caa = { access: 'caa', secret: 'secret-of-caa' };
const eaa = { access: 'eaa', secret: 'secret-of-eaa' };

async function newIndex(entityType: 'event' | 'release' = 'release'): Promise<{ gid: string; id: number }> {
  const { db } = events.deployment;
  const { gid } = entityType === 'release' ? await addRelease(db) : await addEvent(db);
  return { gid, id: await events.queue({ entityType, action: 'index', message: { gid } }) };
}

async function brakes(): Promise<Record<string, string>> {
  const { rows } = await events.deployment.db.query<{ name: string; reason: string }>(
    'select name, reason from artwork_reconciler.brake',
  );
  return Object.fromEntries(rows.map(({ name, reason }) => [name, reason]));
}

beforeEach(async () => {
  const { db, simulator } = events.deployment;
  simulator.keys = { caa, eaa };
  const tables = ['brake', 'event_probe', 'event_failures_alike', 'budget', 'slow_down'];
  await emptyTables(db, ...tables.map((table) => `artwork_reconciler.${table}`));
});

describe('a key that is refused', () => {
  test('stops that project only, costs no attempt, and the stop ends with the first write that is accepted', async () => {
    const { db, simulator } = events.deployment;
    simulator.keys = { caa: { access: 'caa', secret: 'a new one' }, eaa };
    const first = await newIndex();
    const attempt = await events.untilAttempt(first.id, 'given_back');
    expect(attempt.reason).toMatch(/^HTTP 403 SignatureDoesNotMatch: .*\(PUT mbid-.*\/index.json, /);
    expect(attempt.body_excerpt).toContain('<Code>SignatureDoesNotMatch</Code>');
    expect(await brakes()).toEqual({ keys_refused_caa: attempt.reason });
    expect(await rowOf(db, first.id)).toMatchObject({ state: 'queued', attempts: 0 });
    expect(await events.reasons(first.id)).toEqual([]);
    // Asked once: what is refused is not tried again by Temporal either.
    expect(events.requests(first.gid)).toHaveLength(1);

    // The other project's event is carried out; one of the same project's that was queued before it is not.
    const second = await newIndex();
    const other = await newIndex('event');
    await events.until(other.id, 'completed');
    expect(await rowOf(db, second.id)).toMatchObject({ state: 'queued', attempts: 0 });
    expect(events.requests(second.gid)).toEqual([]);

    // As after SIGHUP: one is tried, and it is refused again.
    await tryKeysNow(db);
    await vi.waitFor(() => expect(events.requests(first.gid, second.gid)).toHaveLength(2), patience);
    await vi.waitFor(async () => expect(await attemptsIn([first.id, second.id])).toBe(2), patience);
    expect(Object.keys(await brakes())).toEqual(['keys_refused_caa']);
    expect(events.requests(first.gid, second.gid)).toHaveLength(2);

    simulator.keys = { caa, eaa };
    await tryKeysNow(db);
    await events.until(first.id, 'completed');
    await events.until(second.id, 'completed');
    expect(await brakes()).toEqual({});
    expect(await rowOf(db, first.id)).toMatchObject({ attempts: 1 });
  });

  test('is not good because an event that asks nobody has completed', async () => {
    const { db } = events.deployment;
    await setBrake(db, { name: 'keys_refused_caa', reason: 'refused a moment ago' });
    await tryKeysNow(db);
    const id = await events.queue({ action: 'noop', message: { sleep: 0.01 } });
    await events.until(id, 'completed');
    await workflowEnd(id);
    expect(await brakes()).toEqual({ keys_refused_caa: 'refused a moment ago' });
  });

  test('is seen when a delete’s guard asks for tasks, too', async () => {
    const { db, simulator } = events.deployment;
    simulator.keys = { caa: { access: 'caa', secret: 'a new one' }, eaa };
    const owner = await addRelease(db);
    const message = { artwork_id: owner.images[0]!.id, gid: '0b6ad2f4-5c1e-4d8a-9e37-2f4c6a8b0d1e', suffix: 'jpg' };
    await db.transaction(async (tx) => {
      const { rows } = await tx.query<{ id: number }>(
        `insert into artwork_indexer.event_queue (entity_type, action, message)
         values ('release', 'delete_image', $1) returning id`,
        [JSON.stringify(message)],
      );
      await tx.query(`insert into artwork_reconciler.event_origin (event, origin) values ($1, 'audit')`, [rows[0]!.id]);
    });
    await vi.waitFor(async () => expect(Object.keys(await brakes())).toEqual(['keys_refused_caa']), patience);
    expect(simulator.requests().delete).toBe(0);
  });
});

test('AccessDenied is one item’s failure, not the key’s', async () => {
  const { simulator } = events.deployment;
  const { gid, id } = await newIndex();
  simulator.faults.accessDenied = { items: [`mbid-${gid}`], next: 1 };
  expect(await events.until(id, 'completed')).toMatchObject({ attempts: 2 });
  expect(await events.reasons(id)).toEqual([expect.stringContaining('AccessDenied')]);
  expect(await brakes()).toEqual({});
});

test('an outage of all writes stops them, and they continue automatically', async () => {
  const { db, simulator } = events.deployment;
  simulator.faults.writeError = 1;
  const ids: number[] = [];
  for (let n = 0; n < 5; n += 1) ids.push((await newIndex()).id);
  await vi.waitFor(async () => expect(Object.keys(await brakes())).toEqual(['writes_fail_caa']), patience);
  // Two that failed before it was seen are tried again after their usual wait; no other has lost an attempt.
  await vi.waitFor(async () => {
    const rows = await Promise.all(ids.map((id) => rowOf(db, id)));
    expect(rows.filter(({ state }) => state === 'running')).toEqual([]);
    expect(rows.filter(({ attempts }) => attempts > 0)).toHaveLength(2);
  }, 140_000);
  simulator.faults.writeError = 0;
  await minutesPass(db, 12);
  for (const id of ids) await events.until(id, 'completed');
  expect(await brakes()).toEqual({});
});

describe('a cool-down', () => {
  test('that is short is waited for: it costs neither a try nor an attempt', async () => {
    const { gid, id } = await newIndex();
    // As many as there are tries: were each to cost one, the attempt would fail.
    Object.assign(events.deployment.simulator.faults, {
      tooManyRequests: { items: [`mbid-${gid}`], next: 3 },
      retryAfter: 'never',
    });
    expect(await events.until(id, 'completed')).toMatchObject({ attempts: 1 });
    expect(await events.attempts(id)).toHaveLength(1);
    expect(events.requests(gid).filter((request) => request.endsWith('429'))).toHaveLength(3);
  });

  test('that is long snoozes the event, and nothing is started before its end', async () => {
    const { db, simulator } = events.deployment;
    const { id } = await newIndex();
    Object.assign(simulator.faults, { tooManyRequests: { next: 1 }, retryAfter: 'always', retryAfterSeconds: 600 });
    const attempt = await events.untilAttempt(id, 'given_back');
    expect(attempt.reason).toMatch(/^archive is cooling down for another \d+ s$/);
    expect(await rowOf(db, id)).toMatchObject({ state: 'queued', attempts: 0 });
    const { rows } = await db.query<{ seconds: number }>(
      `select extract(epoch from until - clock_timestamp())::float8 as seconds
       from artwork_reconciler.event_not_before where event = $1`,
      [id],
    );
    expect(rows[0]!.seconds).toBeGreaterThan(500);
    expect(rows[0]!.seconds).toBeLessThanOrEqual(600);

    // The time goes by, also that in which others were to be asked before this event's item.
    const other = await newIndex();
    const sent = simulator.requestLog().length;
    await db.query(`update artwork_reconciler.budget set cool_down_until = clock_timestamp() + interval '1 second'`);
    await db.query('update artwork_reconciler.slow_down set others_first_until = clock_timestamp()');
    await db.query('delete from artwork_reconciler.event_not_before');
    const ended = Date.now() + 1000;
    await events.until(id, 'completed');
    await events.until(other.id, 'completed');
    const [next] = simulator.requestLog().slice(sent);
    expect(next!.at).toBeGreaterThanOrEqual(ended - 500);
  });
});

test('while events are paused nothing is started, and what is in progress ends', async () => {
  const { db } = events.deployment;
  const inProgress = await events.queue({ action: 'noop', message: { sleep: 1 } });
  await events.until(inProgress, 'running');
  await pauseWork(db, { what: 'events' }, { actor: 'a test' });
  const { gid, id } = await newIndex();
  await events.until(inProgress, 'completed');
  expect(await rowOf(db, id)).toMatchObject({ state: 'queued', attempts: 0 });
  expect(events.requests(gid)).toEqual([]);
  await resumeWork(db, { what: 'events' }, { actor: 'a test' });
  await events.until(id, 'completed');
});

async function attemptsIn(ids: readonly number[]): Promise<number> {
  const all = await Promise.all(ids.map((id) => events.attempts(id)));
  return all.flat().length;
}

/** Waits until all steps of the event's workflow are done. */
async function workflowEnd(id: number): Promise<void> {
  await events.deployment.temporal.workflow.getHandle(`event-${id}`).result();
}
