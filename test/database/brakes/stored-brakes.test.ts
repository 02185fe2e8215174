import { beforeEach, describe, expect, test } from 'vitest';
import {
  noteStuckEvents,
  pauseWork,
  readStoredBrakes,
  readStuckEvents,
  releaseBrake,
  setBrake,
} from '../../../src/database/brakes/stored-brakes.ts';
import { noteWebServiceAnswer } from '../../../src/database/pace/read-brakes.ts';
import { createTestDatabase } from '../../support/database.ts';

const { db } = await createTestDatabase({ musicbrainz: false });
beforeEach(() =>
  db.query(
    `truncate artwork_reconciler.brake, artwork_reconciler.operator_action, artwork_reconciler.web_service_disagreement cascade`,
  ),
);

async function recorded(): Promise<string[]> {
  const { rows } = await db.query<{ line: string }>(
    `select actor || ' ' || action || ' ' || target || coalesce(' (' || note || ')', '') as line
     from artwork_reconciler.operator_action order by id`,
  );
  return rows.map(({ line }) => line);
}

describe('a stored brake', () => {
  test('stays on, with its reason and since when, until it is released', async () => {
    const brake = await setBrake(db, { name: 'keys_refused_eaa', reason: '401', detail: { event: 7 } });
    expect(brake).toMatchObject({ name: 'keys_refused_eaa', reason: '401', detail: { event: 7 }, stops: 'events' });
    expect(await readStoredBrakes(db)).toEqual([brake]);
    expect(await releaseBrake(db, { name: 'keys_refused_eaa' })).toEqual(brake);
    expect(await readStoredBrakes(db)).toEqual([]);
    expect(await releaseBrake(db, { name: 'keys_refused_eaa' })).toBeNull();
    expect(await recorded()).toEqual([]);
  });

  test('that is set again keeps its since, and takes the new reason with what goes along', async () => {
    const first = await setBrake(db, { name: 'events_stuck', reason: 'event 7', detail: { events: [7] } });
    const second = await setBrake(db, { name: 'events_stuck', reason: 'event 8', detail: { events: [8] } });
    expect(second).toEqual({ ...first, reason: 'event 8', detail: { events: [8] } });
  });

  test.each([
    [[7], 'event 7 can'],
    [[1, 2, 3, 4, 5], 'event 1, 2, 3, 4, 5 can'],
    [[1, 2, 3, 4, 5, 6, 7], 'event 1, 2, 3, 4, 5 and 2 more can'],
  ])('for the stuck events %j names the first five, and counts the others', async (events, words) => {
    await noteStuckEvents(db, events);
    expect((await readStoredBrakes(db))[0]!.reason).toContain(`the workflow of ${words}'t continue`);
    expect(await readStuckEvents(db)).toEqual(events);
    await noteStuckEvents(db, []);
    expect(await readStuckEvents(db)).toEqual([]);
  });

  test('by an operator is recorded once, with what was before and after', async () => {
    const by = { actor: 'alice', note: 'moving hosts' };
    const brake = { name: 'events_paused', reason: 'paused', by } as const;
    await setBrake(db, brake);
    await setBrake(db, brake);
    await releaseBrake(db, { name: 'events_paused', by: { actor: 'bob' } });
    await releaseBrake(db, { name: 'events_paused', by: { actor: 'bob' } });
    expect(await recorded()).toEqual([
      'alice set brake events_paused (moving hosts)',
      'bob release brake events_paused',
    ]);
    const { rows } = await db.query<{ before: unknown; after: unknown }>(
      'select before, after from artwork_reconciler.operator_action order by id',
    );
    expect(rows).toMatchObject([
      { before: null, after: { reason: 'paused' } },
      { before: { reason: 'paused' }, after: null },
    ]);
  });

  test('is told in the order in which they were put on', async () => {
    await setBrake(db, { name: 'events_paused', reason: 'first' });
    await setBrake(db, { name: 'audits_paused', reason: 'second' });
    await db.query(
      `update artwork_reconciler.brake set since = case name when 'audits_paused' then now() else now() - interval '1 hour' end`,
    );
    expect((await readStoredBrakes(db)).map(({ name }) => name)).toEqual(['events_paused', 'audits_paused']);
    await db.query(`update artwork_reconciler.brake set since = now()`);
    expect((await readStoredBrakes(db)).map(({ name }) => name)).toEqual(['audits_paused', 'events_paused']);
  });

  test('of a person stays theirs when another pauses, and takes their own new note', async () => {
    const first = await pauseWork(db, { what: 'audits' }, { actor: 'alice', note: 'moving hosts' });
    expect(first).toMatchObject({ isTheirs: true, reason: 'paused by alice: moving hosts' });
    const other = await pauseWork(db, { what: 'audits' }, { actor: 'bob', note: 'lunch' });
    expect(other).toEqual({ ...first, isTheirs: false });
    const again = await pauseWork(db, { what: 'audits' }, { actor: 'alice', note: null });
    expect(again).toEqual({ ...first, reason: 'paused by alice' });
    expect(await recorded()).toEqual(['alice set brake audits_paused (moving hosts)', 'alice set brake audits_paused']);
  });

  test('takes nothing along that another one remembered, when it is released', async () => {
    await db.query(
      `insert into artwork_reconciler.web_service_disagreement (run_id, entity_type, gid)
       values ('run 1', 'release', gen_random_uuid())`,
    );
    await db.query('update artwork_reconciler.pace set breaker_after = 7, last_probe_at = now()');
    await setBrake(db, { name: 'audits_paused', reason: 'lunch' });
    await releaseBrake(db, { name: 'audits_paused' });
    expect((await db.query('select from artwork_reconciler.web_service_disagreement')).rowCount).toBe(1);
    const { rows } = await db.query(
      'select breaker_after::int, last_probe_at is null as forgotten from artwork_reconciler.pace',
    );
    expect(rows).toEqual([{ breaker_after: 7, forgotten: false }]);
  });

  test('takes along what it remembered itself, when it is released', async () => {
    await db.query('update artwork_reconciler.pace set breaker_after = 7, last_probe_at = now()');
    await setBrake(db, { name: 'breaker', reason: 'the same everywhere' });
    await releaseBrake(db, { name: 'breaker' });
    const { rows } = await db.query('select breaker_after::int, last_probe_at from artwork_reconciler.pace');
    expect(rows).toEqual([{ breaker_after: 0, last_probe_at: null }]);
  });

  test('that was set again is not released by who saw the former', async () => {
    const former = await setBrake(db, { name: 'breaker', reason: 'first' });
    await db.query(`update artwork_reconciler.brake set since = since + interval '1 second'`);
    expect(await releaseBrake(db, { name: 'breaker', since: former.since })).toBeNull();
    const [now] = await readStoredBrakes(db);
    expect(await releaseBrake(db, { name: 'breaker', since: now!.since })).not.toBeNull();
  });
});

describe('orphans that the web service still gives', () => {
  const gid = '7c5c9dd6-8c3c-4b7c-9f0e-1f2e3d4c5b6a';
  const note = (runId: string, agrees: boolean) =>
    noteWebServiceAnswer(db, { key: { entityType: 'release', gid }, runId, agrees });

  test('stop auditing when there are three consecutive ones', async () => {
    expect(await note('run 1', false)).toBeNull();
    expect(await note('run 2', false)).toBeNull();
    const brake = await note('run 3', false);
    expect(brake).toMatchObject({ name: 'database_and_ws_disagree', stops: 'audits' });
    expect(brake!.reason).toContain(`release ${gid}`);
  });

  test('are named, the last three of them', async () => {
    const gids = ['a', 'b', 'c', 'd'].map((letter) => gid.replace(/^./, letter));
    for (const [n, each] of gids.entries()) {
      const key = { entityType: 'release', gid: each } as const;
      await noteWebServiceAnswer(db, { key, runId: `run ${n}`, agrees: false });
    }
    const [brake] = await readStoredBrakes(db);
    const named = [...gids]
      .reverse()
      .slice(0, 3)
      .map((each) => `release ${each}`);
    expect(brake!.reason).toContain(`3 consecutive times (${named.join(', ')})`);
    // What a run says again is no news, and no later than it was.
    await noteWebServiceAnswer(db, { key: { entityType: 'release', gid: gids[0]! }, runId: 'run 0', agrees: false });
    expect(await readStoredBrakes(db)).toEqual([brake]);
  });

  test('are counted once a run', async () => {
    for (let n = 0; n < 5; n += 1) expect(await note('run 1', false)).toBeNull();
    expect(await readStoredBrakes(db)).toEqual([]);
  });

  test('don’t add up over an agreement', async () => {
    for (const [n, agrees] of [false, false, true, false, false].entries()) await note(`run ${n}`, agrees);
    expect(await readStoredBrakes(db)).toEqual([]);
  });

  test('are noticed though three come at once', async () => {
    await Promise.all(['run 1', 'run 2', 'run 3'].map((runId) => note(runId, false)));
    expect(await readStoredBrakes(db)).toHaveLength(1);
  });

  test('stop auditing until an operator releases the brake, and begin to count again then', async () => {
    for (const n of [1, 2, 3]) await note(`run ${n}`, false);
    await note('run 4', true);
    for (const n of [5, 6, 7]) await note(`run ${n}`, false);
    expect(await readStoredBrakes(db)).toHaveLength(1);
    await releaseBrake(db, { name: 'database_and_ws_disagree', by: { actor: 'alice' } });
    for (const n of [8, 9]) await note(`run ${n}`, false);
    expect(await readStoredBrakes(db)).toEqual([]);
    await note('run 10', false);
    expect(await readStoredBrakes(db)).toHaveLength(1);
  });
});
