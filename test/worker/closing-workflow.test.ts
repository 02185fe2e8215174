import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { auditWorkflowId } from '../../src/temporal/task-queues.ts';
import { addAuditEntity } from '../database/entities/support.ts';
import { untilStatus } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { patience } from '../support/patience.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({ settings: { AUDIT_MODE: 'report' } });
});
afterAll(() => deployment.stop());

/** Seconds; longer than a server that has nothing else to do takes to close a workflow. */
const closes = 1.5;

test('an entity whose former workflow Temporal has not closed yet is audited as soon as it is closed', async () => {
  const { db, temporal } = deployment;
  const { gid } = await addRelease(db, { images: 0 });
  const key = { entityType: 'release', gid } as const;
  // Nobody's task queue: it runs until it is ended.
  const former = await temporal.workflow.start('auditEntity', {
    workflowId: auditWorkflowId('release', gid),
    taskQueue: 'nobody',
  });
  await addAuditEntity(db, { key });
  await deployment.startWorker();
  await vi.waitFor(async () => {
    const { rows } = await db.query(
      `select from artwork_reconciler.audit_entity
       where gid = $1 and claim_run_id is null and clock_timestamp() - claimed_at > $2 * interval '1 second'`,
      [gid, closes],
    );
    expect(rows).toHaveLength(1);
  }, patience);
  await former.terminate('as if it were closed');
  // Housekeeping would come to it after two minutes only.
  await untilStatus(db, key, 'clean');
});
