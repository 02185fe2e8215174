import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, vi } from 'vitest';
import { pauseWork } from '../../src/database/brakes/stored-brakes.ts';
import { confirmBulkAction, planBulkAction } from '../../src/database/bulk-actions/bulk-action.ts';
import { bulkKinds } from '../../src/database/bulk-actions/kinds.ts';
import { workOnBulkAction } from '../../src/database/bulk-actions/step.ts';
import { addDrift, seedDemo } from '../../src/simulator/drift/seed-demo.ts';
import { insertEvent } from '../database/queue/queue.ts';
import { beginAuditOf, makeDue, untilQueueIsEmpty } from '../support/audits.ts';
import { startDeployment } from '../support/deployment.ts';
import { patience } from '../support/patience.ts';
import { toStored } from '../workflows/stored-histories.ts';
import { packWorker } from './released-worker.ts';

const run = promisify(execFile);
const folder = resolve(import.meta.dirname, '../releases');

/**
 * Writes test/releases/VERSION.sql.gz, VERSION.histories.json.gz and VERSION.worker.tar.gz: a database in mid-work as this
 * version leaves it, the histories of the workflows that work on it, and its worker as it was just built. For the release, with DATABASE_URL set to a server that `pg_dump` of this
 * machine can read: RECORD_RELEASE=1.2.0 npx vitest run test/releases
 */
export async function recordRelease(version: string): Promise<void> {
  const deployment = await startDeployment({
    settings: { AUDIT_SETTLE_MINUTES: '0.005', EVENTS_CONCURRENCY: '2', EVENTS_ATTEMPT_DELAY_SECONDS: '3600' },
  });
  const { db, simulator, temporal, environment } = deployment;
  try {
    await seedDemo(db, simulator.archive, { seed: 1, entities: 30 });
    await deployment.startWorker();
    const { rows: all } = await db.query<{ entity_type: 'event' | 'release'; gid: string }>(
      `select 'release' as entity_type, gid from musicbrainz.release union all select 'event', gid from musicbrainz.event`,
    );
    await makeDue(
      db,
      all.map(({ entity_type: entityType, gid }) => ({ entityType, gid })),
    );
    // What is over: audits, repairs, reviews.
    const unsettled = `select status from artwork_reconciler.audit_entity where status not in ('clean', 'legacy', 'manual_review')`;
    await vi.waitFor(async () => expect((await db.query(unsettled)).rows).toEqual([]), patience);
    await untilQueueIsEmpty(db);
    // An MBID that nobody has: failed for good, and one of the first attempt, which waits an hour for its next.
    const failed = [];
    for (let n = 0; n < 6; n += 1) failed.push(await insertEvent(db, { state: 'failed', attempts: 5 }));
    // From here on nothing ends: two events and an audit are in progress, others wait for them.
    const [waiting] = await addDrift(db, simulator.archive, 'image_missing', {
      entityType: 'release',
      seed: 'release',
    });
    simulator.faults.slow = 1;
    simulator.faults.slowSeconds = 100;
    const clean = await db.query<{ entity_type: 'event' | 'release'; gid: string }>(
      `select entity_type, gid from artwork_reconciler.audit_entity where status = 'clean' order by gid limit 6`,
    );
    await beginAuditOf(deployment, waiting!);
    for (const { entity_type: entityType, gid } of clean.rows) {
      await insertEvent(db, { entityType, action: 'index', message: { gid } });
    }
    await pauseWork(db, { what: 'audits' }, { actor: 'ida', note: 'the release' });
    const id = await planBulkAction(db, { kind: 'requeue_events', filter: { ids: failed }, plannedBy: 'ida' });
    await workOnBulkAction(db, bulkKinds, { id, rows: 500, isOver: () => false });
    await vi.waitFor(async () => {
      const { rows } = await db.query(
        `select 1 from artwork_indexer.event_queue where state = 'running'
         union all select 1 from artwork_reconciler.audit_entity where status = 'audit_in_progress'`,
      );
      expect(rows.length).toBeGreaterThan(2);
    }, patience);
    await confirmBulkAction(db, { id, by: { actor: 'ida' } });
    let batches = 0;
    await workOnBulkAction(db, bulkKinds, { id, rows: 2, isOver: () => (batches += 1) > 1 });

    const histories = [];
    for await (const { workflowId, runId } of temporal.workflow.list({ query: "ExecutionStatus = 'Running'" })) {
      const { events } = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
      histories.push({ workflowId, history: { events: toStored('events', events) } });
    }
    const dump = ['--no-owner', '--no-privileges', '--inserts', '--rows-per-insert=100', environment['DATABASE_URL']!];
    const { stdout } = await run('pg_dump', dump, { maxBuffer: 256 * 1024 * 1024 });
    mkdirSync(folder, { recursive: true });
    const sql = stdout.replace(/^\\(un)?restrict .*\n/gm, '');
    writeFileSync(join(folder, `${version}.sql.gz`), gzipSync(sql, { level: 9 }));
    writeFileSync(join(folder, `${version}.histories.json.gz`), gzipSync(JSON.stringify(histories), { level: 9 }));
    await packWorker(version);
  } finally {
    simulator.faults.slow = 0;
    // It is not to be sound: what is in progress is left so.
    await deployment.stop().catch(() => undefined);
  }
}
