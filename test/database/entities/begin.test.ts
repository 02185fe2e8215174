import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { beginAudit } from '../../../src/database/entities/begin-audit.ts';
import { claimPacedBatch, renewShellClaim } from '../../../src/database/entities/claims.ts';
import type { EntityKey } from '../../../src/domain/entity.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addAuditEntity, audit, begin, clean, entityNow, index, repair, statusOf } from './support.ts';

const { db } = await createTestDatabase();

const workflowOf = ({ entityType, gid }: EntityKey) => `audit-${entityType}-${gid}`;
const paced = (key: EntityKey, runId: string) =>
  beginAudit(db, { key, workflowId: workflowOf(key), runId, how: 'paced' });

async function addClaimed(): Promise<EntityKey & { readonly id: number }> {
  const key = await addAuditEntity(db, { priority: 30_000 });
  await db.transaction((tx) => claimPacedBatch(tx, { shares: [{ count: 1, entityTypes: null }] }));
  return key;
}

describe('a paced audit', () => {
  test('takes the pacer’s claim over with its run', async () => {
    const key = await addClaimed();
    expect(await paced(key, 'run 1')).toMatchObject({ kind: 'begun', entityId: key.id });
    expect(await entityNow(db, key)).toMatchObject({
      status: 'audit_in_progress',
      priority: 30_000,
      claim: { runId: 'run 1', by: 'pacer' },
    });
  });

  test('may begin again as the same run, and gets the same answer', async () => {
    const key = await addClaimed();
    const first = await paced(key, 'run 1');
    const { claim } = await entityNow(db, key);
    expect(await paced(key, 'run 1')).toEqual(first);
    expect((await entityNow(db, key)).claim).toEqual(claim);
  });

  test('is refused while another run has the entity', async () => {
    const key = await addClaimed();
    await paced(key, 'run 1');
    expect(await paced(key, 'run 2')).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('being audited') as string,
    });
    expect((await entityNow(db, key)).claim?.runId).toBe('run 1');
  });

  test('takes over no claim that the pacer made for another workflow', async () => {
    const key = await addClaimed();
    const other = { key, workflowId: 'another workflow', runId: 'run 1', how: 'paced' } as const;
    expect(await beginAudit(db, other)).toMatchObject({ kind: 'refused' });
    expect(await beginAudit(db, { ...other, how: 'operator' })).toMatchObject({ kind: 'refused' });
    expect((await entityNow(db, key)).claim).toMatchObject({ workflowId: workflowOf(key), runId: null });
  });

  test('is refused where the claim was released before it came to begin', async () => {
    const key = await addAuditEntity(db);
    expect(await paced(key, 'run 1')).toMatchObject({ kind: 'refused' });
    expect(await statusOf(db, key)).toBe('unchecked');
  });

  test('of two runs that begin at once one is refused', async () => {
    const key = await addClaimed();
    const answers = await Promise.all([paced(key, 'run 1'), paced(key, 'run 2')]);
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['begun', 'refused']);
  });
});

describe('an operator’s audit', () => {
  test.each(['unchecked', 'clean', 'legacy', 'manual_review'])('claims an entity that is %s', async (status) => {
    const key = await addAuditEntity(db, { status, due_at: status === 'unchecked' ? '2999-01-01' : null });
    await begin(db, key);
    expect(await entityNow(db, key)).toMatchObject({
      status: 'audit_in_progress',
      dueAt: null,
      claim: { by: 'operator' },
    });
  });

  test('adds an entity that nobody knew', async () => {
    const key: EntityKey = { entityType: 'event', gid: randomUUID() };
    await begin(db, key);
    expect(await entityNow(db, key)).toMatchObject({ status: 'audit_in_progress', priority: 100 });
  });

  test('takes over what the pacer claimed for the same workflow and no run has begun', async () => {
    const key = await addClaimed();
    expect(await begin(db, key)).toMatchObject({ kind: 'begun' });
  });

  test('is refused while the entity is in progress', async () => {
    const key = await addAuditEntity(db);
    await begin(db, key);
    await expect(begin(db, key)).rejects.toThrow('it is being audited');
    const fromShell = await beginAudit(db, { key, workflowId: null, runId: 'shell', how: 'operator' });
    expect(fromShell).toMatchObject({ kind: 'refused' });
  });

  test('is refused while its repairs are in the queue, so that their verification is not lost', async () => {
    const key = await addAuditEntity(db);
    await audit(db, key, repair([index(key)]));
    await expect(begin(db, key)).rejects.toThrow('its repairs are still in the queue');
    expect(await statusOf(db, key)).toBe('repair_queue');
  });

  test('is told what the decision needs of the past: consecutive repairs, check by check, and ended by another decision', async () => {
    const key = await addAuditEntity(db);
    for (const repairs of [1, 2]) {
      await audit(db, key, repair([index(key)]));
      await db.query(`update artwork_reconciler.audit_entity set status = 'unchecked' where id = $1`, [key.id]);
      expect(await begin(db, key)).toMatchObject({ repairedChecks: { 'index.value': repairs } });
      expect(await entityNow(db, key)).toMatchObject({ repairs });
      await db.query(`update artwork_reconciler.audit_entity set status = 'unchecked' where id = $1`, [key.id]);
    }
    await audit(db, key, clean);
    expect((await begin(db, key)).repairedChecks).toEqual({});
    expect(await entityNow(db, key)).toMatchObject({ repairs: 0, returns: 0 });
    const { rows } = await db.query('select discards from artwork_reconciler.audit_entity where id = $1', [key.id]);
    expect(rows).toEqual([{ discards: 0 }]);
  });
});

describe('a shell’s claim', () => {
  const shell = (key: EntityKey) =>
    beginAudit(db, { key, workflowId: null, runId: 'shell 1', how: 'operator', askedBy: 'aurelia' });
  const minutesLeft = async (key: { readonly id: number }): Promise<number> => {
    const { rows } = await db.query<{ minutes: number }>(
      `select round(extract(epoch from claim_expires_at - now()) / 60)::int as minutes
       from artwork_reconciler.audit_entity where id = $1`,
      [key.id],
    );
    return rows[0]!.minutes;
  };

  test('lasts 10 minutes from the last renewal', async () => {
    const key = await addAuditEntity(db);
    await shell(key);
    expect(await minutesLeft(key)).toBe(10);
    await db.query(
      `update artwork_reconciler.audit_entity set claim_expires_at = now() + interval '1 minute' where id = $1`,
      [key.id],
    );
    expect(await renewShellClaim(db, { entityId: key.id, runId: 'shell 1' })).toBe(true);
    expect(await minutesLeft(key)).toBe(10);
    expect(await entityNow(db, key)).toMatchObject({ claim: { workflowId: null, by: 'aurelia' } });
  });

  test('that was lost renews none of another shell’s, nor one that a workflow has', async () => {
    const key = await addAuditEntity(db);
    await shell(key);
    const elsewhere = await addAuditEntity(db);
    await beginAudit(db, { key: elsewhere, workflowId: null, runId: 'shell 2', how: 'operator' });
    const lapse = `update artwork_reconciler.audit_entity set claim_expires_at = now() + interval '1 minute'`;
    await db.query(lapse);
    expect(await renewShellClaim(db, { entityId: elsewhere.id, runId: 'shell 1' })).toBe(false);
    await db.query(`update artwork_reconciler.audit_entity set claim_workflow_id = 'audit' where id = $1`, [key.id]);
    expect(await renewShellClaim(db, { entityId: key.id, runId: 'shell 1' })).toBe(false);
    expect([await minutesLeft(key), await minutesLeft(elsewhere)]).toEqual([1, 1]);
  });

  test('can’t be renewed once it is in other hands', async () => {
    const key = await addAuditEntity(db);
    await shell(key);
    await db.query(`update artwork_reconciler.audit_entity set status = 'unchecked' where id = $1`, [key.id]);
    await begin(db, key);
    expect(await renewShellClaim(db, { entityId: key.id, runId: 'shell 1' })).toBe(false);
  });
});
