import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { addEntities } from '../../../src/database/entities/add-entities.ts';
import { claimPacedBatch } from '../../../src/database/entities/claims.ts';
import { recheckEntities } from '../../../src/database/entities/make-due.ts';
import type { EntityKey } from '../../../src/domain/entity.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addAuditEntity, entityNow, settings, statusOf } from './support.ts';

const { db } = await createTestDatabase();

describe('entities audited long ago', () => {
  test('come round again, oldest first, and no others', async () => {
    const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);
    const old = await addAuditEntity(db, { status: 'clean', last_audit_at: daysAgo(366) });
    const older = await addAuditEntity(db, { status: 'legacy', last_audit_at: daysAgo(400) });
    const never = await addAuditEntity(db, { status: 'clean' });
    const fresh = await addAuditEntity(db, { status: 'clean', last_audit_at: daysAgo(364) });
    const reviewed = await addAuditEntity(db, { status: 'manual_review', last_audit_at: daysAgo(400) });
    expect(await recheckEntities(db, settings, { limit: 2 })).toBe(2);
    expect([await statusOf(db, never), await statusOf(db, older), await statusOf(db, old)]).toEqual([
      'unchecked',
      'unchecked',
      'clean',
    ]);
    expect(await recheckEntities(db, settings)).toBe(1);
    expect(await entityNow(db, old)).toMatchObject({ status: 'unchecked', dueAt: null, priority: 100 });
    expect([await statusOf(db, fresh), await statusOf(db, reviewed)]).toEqual(['clean', 'manual_review']);
  });
});

describe('between new entities and those that come round again', () => {
  /** Claims so many, as the pacer does, and decides about each that it is clean. @returns their gids, in order */
  async function takeTurns(count: number): Promise<string[]> {
    const claimed = await db.transaction((tx) => claimPacedBatch(tx, { shares: [{ count, entityTypes: null }] }));
    for (const { entityId } of claimed) {
      await db.query(
        `update artwork_reconciler.audit_entity set status = 'clean', last_audit_at = now() where id = $1`,
        [entityId],
      );
    }
    return claimed.map(({ gid }) => gid);
  }

  test('new ones come first, then the others, audited longest ago first; all get their turn', async () => {
    await db.query('truncate artwork_reconciler.audit_entity cascade');
    const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);
    const old = [];
    for (const days of [400, 500, 450]) {
      old.push(await addAuditEntity(db, { status: 'clean', last_audit_at: daysAgo(days) }));
    }
    await addAuditEntity(db, { status: 'clean', last_audit_at: daysAgo(300) });
    await recheckEntities(db, settings);
    const fresh = [await addAuditEntity(db), await addAuditEntity(db)];
    const oldestFirst = [old[1]!, old[2]!, old[0]!];
    expect(await takeTurns(3)).toEqual([...fresh, oldestFirst[0]!].map(({ gid }) => gid));
    const later = await addAuditEntity(db);
    expect(await takeTurns(10)).toEqual([later, ...oldestFirst.slice(1)].map(({ gid }) => gid));
    // Nobody is due again before its time.
    expect([await recheckEntities(db, settings), await takeTurns(10)]).toEqual([0, []]);
  });

  test('over a simulated decade each is audited once a year, however many new ones come', async () => {
    await db.query('truncate artwork_reconciler.audit_entity cascade');
    const first = await Promise.all(Array.from({ length: 10 }, () => addAuditEntity(db)));
    const turns = new Map<string, number>();
    // 20 turns a month, 5 new ones a month: so, in the tenth year, some 600 want a turn a year, and 240 get one.
    for (let month = 0; month < 120; month += 1) {
      for (let n = 0; n < 5; n += 1) await addAuditEntity(db);
      await recheckEntities(db, settings);
      for (const gid of await takeTurns(20)) turns.set(gid, (turns.get(gid) ?? 0) + 1);
      await db.query(`update artwork_reconciler.audit_entity set last_audit_at = last_audit_at - interval '30.5 days'`);
    }
    const { rows } = await db.query<{ waiting: number; spread: number }>(
      `select count(*) filter (where last_audit_at is null)::int as waiting,
              extract(epoch from max(now() - last_audit_at)) / 86400 as spread
       from artwork_reconciler.audit_entity`,
    );
    // New ones never wait, and of the others none is left behind: all are about as old as the pace allows.
    expect(rows[0]!.waiting).toBe(0);
    for (const { gid } of first) expect(turns.get(gid)).toBeGreaterThanOrEqual(5);
    expect(Number(rows[0]!.spread)).toBeLessThan(3 * 365);
  });
});

describe('entities that an import names', () => {
  test('are added, or raised in priority, never lowered, and keep their status', async () => {
    const fresh: EntityKey = { entityType: 'release', gid: randomUUID() };
    const low = await addAuditEntity(db, { status: 'clean', priority: 10 });
    const high = await addAuditEntity(db, { priority: 1000 });
    const named = [fresh, low, high].map(({ entityType, gid }) => ({ entityType, gid, priority: 200 }));
    const batch = [...named, { ...fresh, gid: fresh.gid.toUpperCase(), priority: 100 }];
    expect(await addEntities(db, batch)).toEqual({ added: 1, raised: 1, known: 1 });
    expect(await entityNow(db, fresh)).toMatchObject({ status: 'unchecked', priority: 200, dueAt: null });
    expect(await entityNow(db, low)).toMatchObject({ status: 'clean', priority: 200 });
    expect(await entityNow(db, high)).toMatchObject({ priority: 1000 });
    expect(await addEntities(db, batch)).toEqual({ added: 0, raised: 0, known: 3 });
    expect(await addEntities(db, [])).toEqual({ added: 0, raised: 0, known: 0 });
  });
});
