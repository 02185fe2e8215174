import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { countLostClaims } from '../../src/monitoring/monitor.ts';
import { openTemporal, type TemporalConfig } from '../../src/temporal/connection.ts';
import { auditWorkflowId, eventWorkflowId } from '../../src/temporal/task-queues.ts';
import { insertEvent } from '../database/queue/queue.ts';
import { createTestDatabase } from '../support/database.ts';
import { patience } from '../support/patience.ts';
import { createTestNamespace } from '../support/temporal.ts';

const settings = { timeout: 60_000, youngClaimSeconds: 120 };

const database = await createTestDatabase({ musicbrainz: false });
let temporal: Client;
let connection: TemporalConfig;
beforeAll(async () => {
  const { address, namespace } = await createTestNamespace();
  connection = { connectionOptions: { address }, namespace };
  temporal = await openTemporal(connection, 60_000);
});
afterAll(() => temporal.connection.close());

/** A workflow that stays open: nobody works on its queue. */
async function startOpen(type: string, workflowId: string): Promise<string> {
  return (await temporal.workflow.start(type, { workflowId, taskQueue: 'nobody', args: [] })).firstExecutionRunId;
}

async function claimAudit(minutes: number, runId?: (workflowId: string) => Promise<string>): Promise<void> {
  const gid = randomUUID();
  const workflowId = auditWorkflowId('release', gid);
  await database.db.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid, status, claim_workflow_id, claim_run_id, claimed_at)
     values ('release', $1, 'audit_in_progress', $2, $3, now() - $4::float8 * interval '1 minute')`,
    [gid, workflowId, (await runId?.(workflowId)) ?? randomUUID(), minutes],
  );
}

async function claimEvent(runId?: (workflowId: string) => Promise<string>): Promise<void> {
  const { db } = database;
  const id = await insertEvent(db, { action: 'index', message: { gid: randomUUID() } });
  const workflowId = eventWorkflowId(id);
  await db.query(
    `insert into artwork_reconciler.event_claim
       (event, workflow_id, run_id, attempt, claimed_at, attempts_before, last_updated_before)
     values ($1, $2, $3, 1, now() - interval '1 hour', 0, now())`,
    [id, workflowId, (await runId?.(workflowId)) ?? randomUUID()],
  );
}

test('claims of workflows that are gone are counted; those of open ones, and young ones, are not', async () => {
  await claimAudit(60, (workflowId) => startOpen('auditEntity', workflowId));
  await claimEvent((workflowId) => startOpen('processEvent', workflowId));
  await claimAudit(1);
  expect(await countLostClaims(database.db, temporal, settings)).toEqual({ events: 0, audits: 0 });

  await claimAudit(60);
  await claimAudit(3);
  await claimEvent();
  expect(await countLostClaims(database.db, temporal, settings)).toEqual({ events: 1, audits: 2 });
});

test('another run under the same id is not the one that has claimed it', async () => {
  const before = await countLostClaims(database.db, temporal, settings);
  await claimAudit(60, async (workflowId) => {
    const first = await startOpen('auditEntity', workflowId);
    await temporal.workflow.getHandle(workflowId).terminate();
    await vi.waitFor(() => startOpen('auditEntity', workflowId), patience);
    return first;
  });
  await vi.waitFor(
    async () =>
      expect(await countLostClaims(database.db, temporal, settings)).toEqual({ ...before, audits: before.audits + 1 }),
    patience,
  );
});

test('where Temporal can’t be asked, nothing is said', async () => {
  const closed = await openTemporal(connection, 60_000);
  await closed.connection.close();
  await expect(countLostClaims(database.db, closed, settings)).rejects.toThrow();
});
