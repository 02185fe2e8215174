import { beforeEach, describe, expect, it } from 'vitest';
import { completeEvent } from '../../../src/database/attempts/end-attempt.ts';
import { readStoredBrakes, pauseWork, resumeWork } from '../../../src/database/brakes/stored-brakes.ts';
import { readAuditPast } from '../../../src/database/audits/past-audits.ts';
import { confirmBulkAction, planBulkAction, readBulkAction } from '../../../src/database/bulk-actions/bulk-action.ts';
import { noticeEventsEndedElsewhere } from '../../../src/database/entities/notice-ended-events.ts';
import { settleRepairQueue } from '../../../src/database/entities/settle-repairs.ts';
import { failBlocked } from '../../../src/database/attempts/fail-for-good.ts';
import { queueIndex } from '../../../src/database/queue/queue-event.ts';
import { requeueEvents } from '../../../src/database/queue/requeue-events.ts';
import { whyNotClaimable } from '../../../src/database/queue/why-not-claimable.ts';
import { leaveEditedToMusicBrainz, withdrawEvents } from '../../../src/database/attempts/withdraw-events.ts';
import type { Repair } from '../../../src/domain/decision/decision.ts';
import { addRelease } from '../../../src/simulator/musicbrainz/builders.ts';
import { addAuditEntity, begin, decideAs, entityNow, repair } from '../entities/support.ts';
import { workOnBulkActions } from '../../support/bulk-actions.ts';
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
  indexRepair,
  insertEvent,
  openTransaction,
  reasonsOf,
  refusal,
  rowOf,
  settings,
  statesOf,
  take,
  untilBlocked,
} from './queue.ts';

const test = await createTestDatabase();
beforeEach(async () => {
  await emptyQueue(test.db);
  await test.db.query('delete from artwork_reconciler.operator_action');
  await test.db.query('delete from artwork_reconciler.bulk_action');
  await test.db.query('delete from artwork_reconciler.audit_entity');
});

const ada = { actor: 'ada', note: 'the schema changed' };
const key = { entityType: 'release', gid: A } as const;
const image = { artwork_id: 1, suffix: 'jpg' };
const moveToB: readonly Repair[] = [
  { entityType: 'release', action: 'copy_image', message: { ...image, old_gid: A, new_gid: B }, dependsOn: [] },
  { entityType: 'release', action: 'delete_image', message: { ...image, gid: A }, dependsOn: [0] },
  indexRepair(A, [1]),
];

/** Has an audit of the entity order repairs. */
async function order(repairs: readonly Repair[], of = key): Promise<number[]> {
  await addAuditEntity(test.db, { key: of });
  const decided = await decideAs(test.db, await begin(test.db, of), repair(repairs));
  return decided.kind === 'decided' ? [...decided.eventIds] : [];
}

/** Has somebody add a release with an image to MusicBrainz now. */
async function edit(gid: string): Promise<void> {
  await addRelease(test.db, { gid, images: 1 });
  await test.db.query('update musicbrainz.edit set open_time = clock_timestamp()');
}

describe('while repairs are paused', () => {
  it('what audits ordered is not started, and why is said; what others queued continues, on the same item too', async () => {
    const [copied] = await order(moveToB);
    const others = [await insertEvent(test.db, deletion(2, A)), await insertEvent(test.db, index(B))];
    // The copy touches both items, and comes first.
    expect(await dueIds(test.db)).toEqual([copied]);
    const pause = await pauseWork(test.db, { what: 'repairs' }, ada);
    expect(pause).toMatchObject({ name: 'repairs_paused', stops: 'repairs', isTheirs: true });
    expect(await dueIds(test.db)).toEqual(others);
    expect(await whyNotClaimable(test.db, copied!, settings)).toBe(
      'repairs are paused: paused by ada: the schema changed',
    );
    expect(await refusal(test.db, copied!)).toContain('repairs are paused');
    expect(await refusal(test.db, others[1]!)).toBe('');
    expect((await resumeWork(test.db, { what: 'repairs' }, ada))?.since).toEqual(pause.since);
    expect(await whyNotClaimable(test.db, copied!, settings)).toContain('touches the same item');
  });

  it('a deletion of a trigger waits for an earlier copy of the file all the same', async () => {
    const [copied] = await order([moveToB[0]!]);
    const deleted = await insertEvent(test.db, deletion(1, A));
    await pauseWork(test.db, { what: 'repairs' }, ada);
    expect(await dueIds(test.db)).toEqual([]);
    expect(await refusal(test.db, deleted)).toContain(`event ${copied} touches the same item`);
  });

  it('hides no event behind however many that wait', async () => {
    await test.db.query(
      `with queued as (
         insert into artwork_indexer.event_queue (entity_type, action, message, created)
         select 'release', 'index', jsonb_build_object('gid', gen_random_uuid()), now() - interval '1 day'
         from generate_series(1, 3000) returning id
       )
       insert into artwork_reconciler.event_origin (event, origin) select id, 'audit' from queued`,
    );
    const asked = await insertEvent(test.db, index(B));
    await pauseWork(test.db, { what: 'repairs' }, ada);
    expect(await dueIds(test.db, 1)).toEqual([asked]);
  });

  it('the pause waits for a claim that is being made', async () => {
    const [ordered] = await order([indexRepair(A)]);
    const claiming = await openTransaction(test.db);
    await claiming.tx.query(`select pg_advisory_xact_lock_shared(hashtextextended('artwork_reconciler.pause', 0))`);
    const pausing = pauseWork(test.db, { what: 'repairs' }, ada);
    await untilBlocked(test.db);
    expect(await readStoredBrakes(test.db)).toEqual([]);
    await claiming.commit();
    await pausing;
    expect(await refusal(test.db, ordered!)).toContain('repairs are paused');
  });
});

describe('withdrawing', () => {
  it('takes a whole tree out, with its record, and its entity is due as before its audit', async () => {
    const ordered = await order(moveToB);
    const own = await insertEvent(test.db, index(B));
    const waits = { due_at: new Date(Date.now() + 3_600_000), due_cause: 'pending_events' };
    const waiting = await addAuditEntity(test.db, { key: { ...key, gid: B }, ...waits });
    const others = [
      await addAuditEntity(test.db, { key: { entityType: 'event', gid: B }, ...waits }),
      await addAuditEntity(test.db, { key: { ...key, gid: C }, ...waits }),
    ];
    const [, , indexed] = ordered;
    const told = await withdrawEvents(test.db, [indexed!], ada);
    expect(told).toEqual({ withdrawn: ordered, along: ordered.slice(0, 2), refused: [] });
    expect(await statesOf(test.db, [...ordered, own])).toEqual(['failed', 'failed', 'failed', 'queued']);
    expect(await reasonsOf(test.db, indexed!)).toEqual(['withdrawn by ada: the schema changed']);
    const due = { status: 'unchecked', dueAt: null, priority: 100, repairs: 0 };
    expect(await entityNow(test.db, key)).toMatchObject(due);
    expect(await entityNow(test.db, waiting)).toMatchObject({ ...due, dueCause: null });
    for (const other of others) {
      expect(await entityNow(test.db, other)).toMatchObject({ dueAt: waits.due_at, dueCause: 'pending_events' });
    }
    expect((await readAuditPast(test.db, key)).repairedChecks).toEqual({});
    const { rows } = await test.db.query(
      'select actor, action, target, after, note from artwork_reconciler.operator_action',
    );
    expect(rows).toEqual([
      {
        actor: 'ada',
        action: 'withdraw events',
        target: '3 events',
        after: { withdrawn: ordered },
        note: 'the schema changed',
      },
    ]);
    const outcomes = await test.db.query('select distinct outcome from artwork_reconciler.audit_repair');
    expect(outcomes.rows).toEqual([{ outcome: 'withdrawn' }]);
  });

  it('is no failure: no housekeeping makes one of it, and nobody is alarmed', async () => {
    const ordered = await order(moveToB);
    const settling = { due_at: new Date(Date.now() + 3_600_000), due_cause: 'settling' };
    const named = await addAuditEntity(test.db, { key: { ...key, gid: B }, ...settling });
    await withdrawEvents(test.db, ordered, ada);
    expect(await entityNow(test.db, named)).toMatchObject({ dueAt: settling.due_at, dueCause: 'settling' });
    expect(await noticeEventsEndedElsewhere(test.db, settings.audit)).toBe(0);
    expect(await failBlocked(test.db, settings)).toEqual([]);
    expect(await settleRepairQueue(test.db, settings.audit)).toBe(0);
    expect((await entityNow(test.db, key)).status).toBe('unchecked');
    const { rows } = await test.db.query<{ count: number }>(
      `select count(*)::int as count from artwork_reconciler.event_dismissal d
       join artwork_indexer.event_queue e on e.id = d.event and e.last_updated = d.last_updated`,
    );
    expect(rows[0]!.count).toBe(3);
  });

  it('leaves what runs, and takes out what waits for it', async () => {
    const [copied, deleted, indexed] = await order(moveToB);
    const held = await take(test.db, copied!);
    const told = await withdrawEvents(test.db, [copied!, deleted!, indexed!], ada);
    expect(told).toEqual({
      withdrawn: [deleted, indexed],
      along: [],
      refused: [{ id: copied, reason: 'it is being carried out' }],
    });
    expect((await entityNow(test.db, key)).status).toBe('repair_queue');
    // Whatever somebody's SQL says of its row meanwhile.
    await test.db.query(`update artwork_indexer.event_queue set state = 'queued' where id = $1`, [copied]);
    expect((await withdrawEvents(test.db, [copied!], ada)).refused).toEqual(told.refused);
    await test.db.query(`update artwork_indexer.event_queue set state = 'running' where id = $1`, [copied]);
    await completeEvent(test.db, held, settings);
    expect(await entityNow(test.db, key)).toMatchObject({ status: 'unchecked', priority: 100, repairs: 1 });
  });

  it('leaves a tree that a trigger’s copy or deletion depends on, and cuts an index of theirs loose', async () => {
    const own = await insertEvent(test.db, index(A));
    const [copied, deleted, found] = await order(moveToB);
    expect(found).toBe(own);
    expect((await rowOf(test.db, own)).depends_on).toEqual([deleted]);
    const waiting = await insertEvent(test.db, { ...deletion(2, B), dependsOn: [copied!] });
    expect(await withdrawEvents(test.db, [copied!], ada)).toMatchObject({
      withdrawn: [],
      refused: [copied, deleted].map((id) => ({
        id,
        reason: `event ${waiting}, which is no audit's, depends on the same repairs`,
      })),
    });
    await test.db.query('delete from artwork_indexer.event_queue where id = $1', [waiting]);
    expect((await withdrawEvents(test.db, [copied!], ada)).withdrawn).toEqual([copied, deleted]);
    expect(await rowOf(test.db, own)).toMatchObject({ state: 'queued', depends_on: null });
  });

  it('leaves an index to MusicBrainz whose entity was edited since: its trigger found it queued', async () => {
    const [ordered] = await order([indexRepair(A)]);
    await edit(A);
    const told = await withdrawEvents(test.db, [ordered!], ada);
    expect(told.withdrawn).toEqual([]);
    expect(told.refused[0]!.reason).toContain('somebody has edited the entity');
    await pauseWork(test.db, { what: 'repairs' }, ada);
    expect(await dueIds(test.db)).toEqual([ordered]);
  });

  it('and while repairs are paused such an index continues', async () => {
    const [ordered] = await order([indexRepair(C)], { entityType: 'release', gid: C });
    await pauseWork(test.db, { what: 'repairs' }, ada);
    expect(await leaveEditedToMusicBrainz(test.db)).toBe(0);
    await edit(C);
    // One that was opened before, and is closed only now.
    await test.db.query(`update musicbrainz.edit set open_time = '2020-01-31', close_time = now()`);
    await resumeWork(test.db, { what: 'repairs' }, ada);
    expect(await leaveEditedToMusicBrainz(test.db)).toBe(0);
    await pauseWork(test.db, { what: 'repairs' }, ada);
    expect(await leaveEditedToMusicBrainz(test.db)).toBe(1);
    expect(await dueIds(test.db)).toContain(ordered);
  });

  it('says of what can’t be withdrawn why', async () => {
    const own = await insertEvent(test.db, index(A));
    const failed = await insertEvent(test.db, { state: 'failed' });
    const told = await withdrawEvents(test.db, [own, failed, 999_999], ada);
    expect(told).toMatchObject({ withdrawn: [] });
    expect(new Map(told.refused.map(({ id, reason }) => [id, reason]))).toEqual(
      new Map([
        [own, 'no audit queued it'],
        [failed, 'it is none of those asked for'],
        [999_999, 'there is no such event'],
      ]),
    );
  });

  it('is undone by requeueing', async () => {
    const ordered = await order(moveToB);
    await withdrawEvents(test.db, ordered, ada);
    const { requeued } = await requeueEvents(test.db, ordered, ada);
    expect(requeued).toEqual(ordered);
    expect(await dueIds(test.db)).toEqual([ordered[0]]);
  });

  it('waits for a trigger that is just tying something to it, and sees that', async () => {
    const [ordered] = await order([indexRepair(A)]);
    const editor = await openTransaction(test.db);
    await editor.tx.query('select from artwork_indexer.event_queue where id = $1 for key share', [ordered]);
    const tied = await editor.tx.query<{ id: number }>(
      `insert into artwork_indexer.event_queue (entity_type, action, message, depends_on)
       values ('release', 'delete_image', '{"artwork_id": 1, "gid": "${A}", "suffix": "jpg"}', array[$1::bigint]) returning id`,
      [ordered],
    );
    const withdrawing = withdrawEvents(test.db, [ordered!], ada);
    await untilBlocked(test.db);
    await editor.commit();
    expect((await withdrawing).refused).toEqual([
      { id: ordered, reason: `event ${tied.rows[0]!.id}, which is no audit's, depends on the same repairs` },
    ]);
  });

  it('in bulk: all that audits queued, by filter, in batches that part no tree', async () => {
    const first = await order(moveToB);
    const second = await order([indexRepair(B)], { entityType: 'release', gid: B });
    await test.db.transaction((tx) =>
      queueIndex(tx, { entityType: 'release', gid: 'cccccccc-0000-4000-8000-000000000000' }),
    );
    const id = await planBulkAction(test.db, {
      kind: 'withdraw_events',
      filter: { states: ['queued'] },
      plannedBy: 'ada',
    });
    await workOnBulkActions(test.db, 1);
    expect(await readBulkAction(test.db, id)).toMatchObject({ state: 'planned', chosen: 4, planned: { done: 4 } });
    expect(await statesOf(test.db, [...first, ...second])).toEqual(['queued', 'queued', 'queued', 'queued']);
    // Changed since the dry run: the whole tree stays.
    await test.db.query(`update artwork_indexer.event_queue set last_updated = now() + interval '1 ms' where id = $1`, [
      first[2],
    ]);
    await confirmBulkAction(test.db, { id, by: ada });
    await workOnBulkActions(test.db, 1);
    expect(await readBulkAction(test.db, id)).toMatchObject({ state: 'done', outcome: { done: 1, refused: 3 } });
    expect(await statesOf(test.db, [...first, ...second])).toEqual(['queued', 'queued', 'queued', 'failed']);
  });

  it('by the check that an audit found', async () => {
    const found = await order([indexRepair(A)]);
    await order([indexRepair(B)], { entityType: 'release', gid: B });
    await test.db.query(
      `update artwork_reconciler.audit set findings = '[{"check": "xml.differs"}]'
       where audit_entity_id = (select id from artwork_reconciler.audit_entity where gid = $1)`,
      [B],
    );
    const id = await planBulkAction(test.db, {
      kind: 'withdraw_events',
      filter: { states: ['queued'], check: 'index.value' },
      plannedBy: 'ada',
    });
    await workOnBulkActions(test.db);
    expect(await readBulkAction(test.db, id)).toMatchObject({ chosen: 1 });
    expect(found).toHaveLength(1);
  });
});

it('a copy of an audit that a trigger wants too stays: copy(1, A, B) is theirs as well', async () => {
  const [copied] = await order([moveToB[0]!]);
  // As the trigger of a merge does: it finds the copy queued, and its deletion waits for that.
  const deleted = await insertEvent(test.db, { ...deletion(1, A), dependsOn: [copied!] });
  expect(copy(1, A, B).action).toBe('copy_image');
  expect((await withdrawEvents(test.db, [copied!], ada)).refused).toHaveLength(1);
  expect(await statesOf(test.db, [copied!, deleted])).toEqual(['queued', 'queued']);
});
