import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Database, Queryable } from '../../../src/database/connection.ts';
import { claimPacedBatch, readNotBegun } from '../../../src/database/entities/claims.ts';
import {
  makeWrittenDue,
  recheckEntities,
  switchToRepairMode,
  wakeDueEntities,
} from '../../../src/database/entities/make-due.ts';
import { asAsked, createTestDatabase } from '../../support/database.ts';
import { addAuditEntity, entityNow, statusOf } from './support.ts';

const { db } = await createTestDatabase();
beforeEach(() => db.query('truncate artwork_reconciler.audit_entity cascade'));

const claim = (count: number, batch?: string) =>
  db.transaction((tx) =>
    claimPacedBatch(tx, { shares: [{ count, entityTypes: null }], ...(batch === undefined ? {} : { batch }) }),
  );

describe('the pacer claims', () => {
  test('by priority, then what was never audited, then what was audited longest ago, then by id', async () => {
    const make = (priority: number, daysAgo: number | null) =>
      addAuditEntity(db, {
        priority,
        last_audit_at: daysAgo === null ? null : new Date(Date.now() - daysAgo * 86_400_000),
      });
    const recent = await make(10, null);
    const yesterday = await make(100, 1);
    const never = await make(100, null);
    const neverLater = await make(100, null);
    const lastYear = await make(100, 365);
    const verification = await make(1000, 0.1);

    const claimed = await claim(6);

    const inOrder = [verification, never, neverLater, lastYear, yesterday, recent];
    expect(claimed.map(({ gid }) => gid)).toEqual(inOrder.map(({ gid }) => gid));
  });

  test('no more than so many, from the front of that order', async () => {
    const day = (days: number) => new Date(Date.now() - days * 86_400_000);
    await addAuditEntity(db, { priority: 10 });
    const old = await addAuditEntity(db, { last_audit_at: day(9) });
    const older = await addAuditEntity(db, { last_audit_at: day(99) });
    const never = [await addAuditEntity(db), await addAuditEntity(db)];
    const first = await addAuditEntity(db, { priority: 200, last_audit_at: day(1) });
    for (const next of [first, ...never, older, old]) {
      expect((await claim(1)).map(({ gid }) => gid)).toEqual([next.gid]);
    }
  });

  test('under the id of the workflow that will audit it', async () => {
    const key = await addAuditEntity(db, { key: { entityType: 'event', gid: randomUUID() } });
    expect(await claim(1)).toEqual([
      { entityId: key.id, entityType: 'event', gid: key.gid, workflowId: `audit-event-${key.gid}` },
    ]);
    expect(await entityNow(db, key)).toMatchObject({
      status: 'audit_in_progress',
      claim: { workflowId: `audit-event-${key.gid}`, runId: null, by: 'pacer' },
    });
  });

  test('only what is unchecked and due now', async () => {
    await addAuditEntity(db, { due_at: new Date(Date.now() - 1000), due_cause: 'settling' });
    for (const status of ['audit_in_progress', 'clean', 'manual_review', 'repair_queue', 'legacy']) {
      await addAuditEntity(db, { status });
    }
    expect(await claim(10)).toEqual([]);
  });

  test('nothing twice, with two pacers side by side', async () => {
    for (let n = 0; n < 10; n++) await addAuditEntity(db);
    const [one, other] = await db.transaction(async (tx) => {
      const first = await claimPacedBatch(tx, { shares: [{ count: 4, entityTypes: null }] });
      // The first is not committed yet: its rows are skipped, not waited for.
      return [first, await claim(4)];
    });
    const gids = [...one, ...other].map(({ gid }) => gid);
    expect(gids).toHaveLength(8);
    expect(new Set(gids).size).toBe(8);
  });

  test('once a batch: the step repeated gets the same rows and no others', async () => {
    for (let n = 0; n < 10; n++) await addAuditEntity(db, { priority: 100 + n });
    const first = await claim(3, 'tick 1');
    expect(await claim(3, 'tick 1')).toEqual(first);
    // A workflow has begun the last one.
    await db.query(`update artwork_reconciler.audit_entity set claim_run_id = 'a run' where id = $1`, [
      first[2]!.entityId,
    ]);
    expect(await readNotBegun(db, 'tick 1')).toEqual(first.slice(0, 2));
    await db.query(`update artwork_reconciler.audit_entity set status = 'clean' where id = $1`, [first[1]!.entityId]);
    expect(await claim(3, 'tick 1')).toEqual([first[0], first[2]]);
    const second = await claim(3, 'tick 2');
    expect(new Set([...first, ...second].map(({ gid }) => gid)).size).toBe(6);
  });

  test('nothing of a transaction that was rolled back', async () => {
    const key = await addAuditEntity(db);
    const crash = db.transaction(async (tx) => {
      await claimPacedBatch(tx, { shares: [{ count: 1, entityTypes: null }] });
      throw new Error('the worker died');
    });
    await expect(crash).rejects.toThrow('the worker died');
    expect(await statusOf(db, key)).toBe('unchecked');
  });
});

describe('an entity that waits', () => {
  test('is claimable once its due time has come and the pacer has looked', async () => {
    const past = await addAuditEntity(db, { due_at: new Date(Date.now() - 1000), due_cause: 'settling' });
    const future = await addAuditEntity(db, { due_at: new Date(Date.now() + 60_000), due_cause: 'settling' });

    expect(await wakeDueEntities(db)).toBe(1);

    expect(await entityNow(db, past)).toMatchObject({ dueAt: null, dueCause: null });
    expect(await entityNow(db, future)).toMatchObject({ dueCause: 'settling' });
    expect(await claim(10)).toHaveLength(1);
  });

  test('is woken in bounded portions', async () => {
    for (let n = 0; n < 5; n++) await addAuditEntity(db, { due_at: new Date(Date.now() - 1000) });
    expect(await wakeDueEntities(db, { limit: 3 })).toBe(3);
    expect(await wakeDueEntities(db, { limit: 3 })).toBe(2);
  });

  test.each<[string, Parameters<typeof addAuditEntity>[1], (q: Queryable) => Promise<number>]>([
    ['it is due', { due_at: new Date(0), due_cause: 'settling' }, (q) => wakeDueEntities(q)],
    ['its wait ends', { due_at: new Date(), due_cause: 'report_mode' }, (q) => switchToRepairMode(q)],
    ['it is to be audited again', { status: 'clean' }, (q) => recheckEntities(q, { recheckDays: 30 })],
  ])(
    'is left to the next time where somebody has it just when %s, and keeps no other waiting',
    async (_when, row, wake) => {
      const held = await addAuditEntity(db, row);
      await addAuditEntity(db, row);
      await db.transaction(async (holder) => {
        await holder.query('select from artwork_reconciler.audit_entity where id = $1 for update', [held.id]);
        await db.transaction(async (tx) => {
          await tx.query(`set local lock_timeout = '5s'`);
          expect(await wake(tx)).toBe(1);
        });
      });
      expect(await wake(db)).toBe(1);
    },
  );
});

test('what was in order is due again at the usual priority where its item was written after its audit, or it had none', async () => {
  const writtenAt = new Date(Date.now() - 86_400_000);
  const row = { status: 'clean', priority: 500 };
  const before = await addAuditEntity(db, { ...row, last_audit_at: new Date(writtenAt.getTime() - 1000) });
  const never = await addAuditEntity(db, row);
  const after = await addAuditEntity(db, { ...row, last_audit_at: new Date(writtenAt.getTime() + 1000) });
  const written = [before, never, after].map(({ entityType, gid }) => ({ entityType, gid, writtenAt }));
  expect(await makeWrittenDue(db, written)).toBe(2);
  for (const key of [before, never]) {
    expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', priority: 100 });
  }
  expect(await entityNow(db, after)).toMatchObject({ status: 'clean', priority: 500 });
});

describe('with many rows', () => {
  /** All nodes of the plan that PostgreSQL chooses for a statement of ours, which is run and rolled back. */
  async function planOf(work: (q: Parameters<Parameters<Database['transaction']>[0]>[0]) => Promise<unknown>) {
    const plans: string[] = [];
    const undo = new Error('undo');
    await db
      .transaction(async (tx) => {
        await work({
          transaction: true,
          query: async (statement, values) => {
            const asked = asAsked(statement, values);
            const { rows } = await tx.query<{ 'QUERY PLAN': unknown }>(
              `explain (format json) ${asked.sql}`,
              asked.values,
            );
            plans.push(JSON.stringify(rows));
            return tx.query(statement, values);
          },
        });
        throw undo;
      })
      .catch((error: unknown) => {
        if (error !== undo) throw error;
      });
    return plans.join('\n');
  }

  beforeEach(async () => {
    await db.query(`
      insert into artwork_reconciler.audit_entity (entity_type, gid, status, priority, last_audit_at, due_at, due_cause)
      select 'release', md5(n::text)::uuid,
             (case when n % 10 < 4 then 'clean' when n % 10 = 4 then 'legacy' else 'unchecked' end)::artwork_reconciler.audit_entity_status,
             case when n % 7 = 0 then 10 else 100 end,
             case when n % 10 < 5 then now() - n * interval '1 minute' end,
             case when n % 10 in (5, 6) then now() + (n - 1000) * interval '1 minute' end,
             case when n % 10 in (5, 6) then 'settling' end
      from generate_series(1, 30000) n`);
    await db.query('analyze artwork_reconciler.audit_entity');
  });

  test('the claim reads the partial index in its order, and sorts no table', async () => {
    const plan = await planOf((tx) => claimPacedBatch(tx, { shares: [{ count: 100, entityTypes: null }] }));
    expect(plan).toContain('"Index Name":"audit_entity_claim"');
    expect(plan).not.toContain('"Node Type":"Seq Scan"');
  });

  test('waking reads the index of what waits', async () => {
    const plan = await planOf((tx) => wakeDueEntities(tx, { limit: 100 }));
    expect(plan).toContain('"Index Name":"audit_entity_due"');
    expect(plan).not.toContain('"Node Type":"Seq Scan"');
  });
});
