import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { feedCanary, readCanarySummary, readOpenCanary } from '../../../src/database/pace/canary.ts';
import { changeMode, readMode, settleMode } from '../../../src/database/pace/mode.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addAuditEntity, audit, begin, clean, decideAs, entityNow, index, repair } from '../entities/support.ts';
import { emptyQueue } from '../queue/queue.ts';

const database = await createTestDatabase();
beforeEach(async () => {
  const { db } = database;
  await emptyQueue(db);
  for (const table of ['canary', 'audit_entity', 'operator_action']) {
    await db.query(`delete from artwork_reconciler.${table}`);
  }
  await db.query('update artwork_reconciler.pace set mode = null, mode_set_by = null, mode_set_at = null');
  await settleMode(db, { mode: 'report' });
});

const configured = { mode: 'report' } as const;
const by = { actor: 'ida', note: 'a few first' };
const mode = async () => (await readMode(database.db, configured)).mode;
const canary = (entities: number) => changeMode(database.db, configured, { mode: 'repair', canary: entities, by });
const newEntity = () => addAuditEntity(database.db, { key: { entityType: 'release', gid: randomUUID() } });
/** Audits a new entity that needs an index. */
const find = async () => {
  const key = await newEntity();
  return { key, answer: await audit(database.db, key, repair([index(key)]), 'report') };
};

describe('a canary', () => {
  test('repairs so many entities, then the mode is report again, recorded', async () => {
    expect((await canary(2)).mode).toMatchObject({ mode: 'repair', canary: { entities: 2, remaining: 2 } });
    // What needs no repair counts for nothing.
    await audit(database.db, await newEntity(), clean);
    const found = [await find(), await find(), await find()];
    expect(found.map(({ answer }) => answer.status)).toEqual(['repair_queue', 'repair_queue', 'unchecked']);
    expect(await readMode(database.db, configured)).toMatchObject({ mode: 'report', setBy: 'ida', canary: null });
    const { rows } = await database.db.query(
      'select actor, action, before, after, note from artwork_reconciler.operator_action order by id',
    );
    expect(rows).toMatchObject([
      { actor: 'ida', after: { mode: 'repair', canary: 2 }, note: 'a few first' },
      {
        actor: 'ida',
        action: 'set mode',
        after: { mode: 'report' },
        note: 'the canary of 2 entities has had its repairs queued',
      },
    ]);
  });

  test('repairs no more than that, however many decide at once', async () => {
    await canary(3);
    const held = [];
    for (let n = 0; n < 8; n++) {
      const key = await newEntity();
      held.push({ key, begun: await begin(database.db, key) });
    }
    const answers = await Promise.all(
      held.map(({ key, begun }) => decideAs(database.db, begun, repair([index(key)]), { mode: 'report' })),
    );
    const statuses = answers.map((answer) => (answer.kind === 'decided' ? answer.status : answer.kind));
    expect(statuses.filter((status) => status === 'repair_queue')).toHaveLength(3);
    expect(statuses.filter((status) => status === 'unchecked')).toHaveLength(5);
    expect(await mode()).toBe('report');
  });

  test('counts a decision that is repeated once', async () => {
    await canary(2);
    const key = await newEntity();
    const begun = await begin(database.db, key);
    const decide = () => decideAs(database.db, begun, repair([index(key)]), { mode: 'report' });
    expect(await decide()).toEqual(await decide());
    expect(await readOpenCanary(database.db)).toEqual({ entities: 2, remaining: 1 });
  });

  test('counts nothing that a person has repaired by hand', async () => {
    await canary(1);
    const key = await newEntity();
    const byHand = await decideAs(database.db, await begin(database.db, key), repair([index(key)]), {
      mode: 'report',
      evenInReportMode: true,
    });
    expect(byHand).toMatchObject({ kind: 'decided', status: 'repair_queue' });
    expect(await readOpenCanary(database.db)).toEqual({ entities: 1, remaining: 1 });
  });

  test('counts nothing of a decision that is rolled back', async () => {
    await canary(2);
    const key = await newEntity();
    const begun = await begin(database.db, key);
    // A repair that the queue can't take.
    const impossible = { ...index(key), action: 'nonsense' } as unknown as ReturnType<typeof index>;
    await expect(decideAs(database.db, begun, repair([impossible]), { mode: 'report' })).rejects.toThrow();
    expect(await readOpenCanary(database.db)).toEqual({ entities: 2, remaining: 2 });
  });

  test.each(['report', 'repair'] as const)('ends where somebody sets the mode to %s', async (other) => {
    await canary(2);
    await find();
    await changeMode(database.db, configured, { mode: other, by: { actor: 'bob' } });
    expect(await readMode(database.db, configured)).toMatchObject({ mode: other, setBy: 'bob', canary: null });
    expect(await readCanarySummary(database.db)).toMatchObject({ remaining: 1, endedAt: expect.any(Date) as Date });
  });

  test('makes as many due of those that wait for repair mode, and more only where nothing is due', async () => {
    const found = [await find(), await find(), await find()];
    const due = async () => {
      const entities = await Promise.all(found.map(({ key }) => entityNow(database.db, key)));
      return entities.filter(({ dueAt }) => dueAt === null).length;
    };
    expect(await due()).toBe(0);
    await canary(1);
    expect(await due()).toBe(1);
    expect(await feedCanary(database.db, { entities: 1, remaining: 1 })).toBe(0);
    await database.db.query(
      `update artwork_reconciler.audit_entity set status = 'clean' where status = 'unchecked' and due_at is null`,
    );
    expect(await feedCanary(database.db, { entities: 1, remaining: 1 })).toBe(1);
  });

  test('that is the newest is told of, with its own audits only', async () => {
    await canary(2);
    await find();
    await canary(1);
    await find();
    expect(await readCanarySummary(database.db)).toMatchObject({ entities: 1, remaining: 0, repaired: 1 });
  });

  test('tells what has come of it', async () => {
    expect(await readCanarySummary(database.db)).toBeNull();
    await canary(4);
    const [repaired, open, again, review] = [await find(), await find(), await find(), await find()];
    const set = (of: typeof repaired, status: string, audited: boolean) =>
      database.db.query(
        `update artwork_reconciler.audit_entity
         set status = $2::artwork_reconciler.audit_entity_status,
           last_audit_at = last_audit_at + case when $3 then interval '1 hour' else interval '0' end
         where gid = $1`,
        [of.key.gid, status, audited],
      );
    const ended = (of: typeof repaired, outcome: string) =>
      database.db.query('update artwork_reconciler.audit_repair set outcome = $2 where audit_id = $1', [
        of.answer.auditId,
        outcome,
      ]);
    await set(repaired, 'clean', true);
    await set(again, 'unchecked', true);
    await set(review, 'manual_review', false);
    const whole = { entities: 4, remaining: 0, startedBy: 'ida', repaired: 4 };
    expect(await readCanarySummary(database.db)).toMatchObject({
      ...{ ...whole, clean: 1, underRepair: 1, toVerify: 0, foundAgain: 1, inReview: 1 },
      events: { completed: 0, failed: 0, open: 4 },
    });
    await set(open, 'unchecked', false);
    await ended(open, 'withdrawn');
    await ended(repaired, 'completed');
    await ended(review, 'failed');
    expect(await readCanarySummary(database.db)).toMatchObject({
      ...{ ...whole, clean: 1, underRepair: 0, toVerify: 1, foundAgain: 1, inReview: 1 },
      events: { completed: 1, failed: 2, open: 1 },
    });
  });
});
