import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuditObservations } from '../../src/activities/audit-observations.ts';
import { createAuditSteps } from '../../src/activities/audit-steps.ts';
import { openDependencies } from '../../src/activities/dependencies.ts';
import { createWebServiceQuestions } from '../../src/activities/document-comparisons.ts';
import { createEventHandlers } from '../../src/activities/event-handlers.ts';
import { createEventSteps } from '../../src/activities/event-steps.ts';
import { judgeEntity } from '../../src/audit/judge-entity.ts';
import type { Database, Queryable } from '../../src/database/connection.ts';
import { claimPacedBatch } from '../../src/database/entities/claims.ts';
import { readIdentity } from '../../src/database/schema/deployment.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { auditWorkflowId } from '../../src/temporal/task-queues.ts';
import { index, insertEvent } from '../database/queue/queue.ts';
import { makeDue, seedItem } from '../support/audits.ts';
import { asAsked, createTestDatabase } from '../support/database.ts';
import { dependenciesAt, withoutWaits } from './dependencies-at.ts';

/*
 * What one audit and one event ask of MusicBrainz' production database: the steps of the workflows, where nobody else is
 * there to share a statement with. A number here may fall, and rises for a reason that is worth it to all audits.
 */

const database = await createTestDatabase();
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ seed: 1, musicbrainz: database.db });
  // Its rows are there once anything was asked.
  await database.db.query(`insert into artwork_reconciler.budget (service) values ('archive'), ('musicbrainz')`);
});
afterAll(() => simulator.close());

/** What steps are given, and the statements that they make, each in one line; `begin` and `commit` count as a transaction. */
function counted(workflowId: string) {
  const statements: string[] = [];
  let transactions = 0;
  const { db } = database;
  const noting = (q: Queryable): Queryable['query'] => {
    return (statement, values) => {
      statements.push(asAsked(statement, values).sql.replace(/\s+/g, ' ').trim());
      return q.query(statement, values);
    };
  };
  const single = noting(db);
  const counting: Database = {
    ...db,
    query: (statement, values) => {
      transactions += 1;
      return single(statement, values);
    },
    transaction: (work, limits) => {
      transactions += 1;
      return db.transaction((tx) => work({ transaction: true, query: noting(tx) }), limits);
    },
  };
  const { config } = dependenciesAt(database, simulator, { ...withoutWaits, ...keys });
  const dependencies = openDependencies({ db: counting, config, run: () => ({ workflowId, runId: workflowId }) });
  return { dependencies, statements, transactions: () => transactions };
}

const keys = { S3_CAA_ACCESS: 'caa', S3_CAA_SECRET: 'secret', S3_EAA_ACCESS: 'eaa', S3_EAA_SECRET: 'secret' };

test('a clean audit that was paced', async () => {
  const { db } = database;
  const release = await addRelease(db, { images: 3 });
  await seedItem({ db, simulator }, release);
  await makeDue(db, [release]);
  await db.transaction((tx) => claimPacedBatch(tx, { shares: [{ count: 1, entityTypes: null }] }));
  const served = await readIdentity(db);
  const key: EntityKey = { entityType: 'release', gid: release.gid };
  const { dependencies, statements, transactions } = counted(auditWorkflowId('release', release.gid));
  const steps = createAuditSteps(dependencies);
  const begun = await steps.beginAudit({ ...key, how: 'paced', served });
  if (begun.kind !== 'begun') throw new Error(begun.reason);
  const round = await judgeEntity(
    {
      archive: createAuditObservations(dependencies),
      musicbrainz: createWebServiceQuestions(dependencies),
      decide: (evidence) => steps.decideAudit(key, begun, evidence),
    },
    key,
    begun.entityId,
  );
  expect(round).toMatchObject({ kind: 'ended', result: { outcome: 'clean' } });
  expect(statements.length, statements.join('\n')).toBeLessThanOrEqual(8);
  expect(transactions()).toBeLessThanOrEqual(6);
});

test('an index event', async () => {
  const { db } = database;
  const release = await addRelease(db, { images: 3 });
  const id = await insertEvent(db, index(release.gid));
  const { dependencies, statements, transactions } = counted(`event-${id}`);
  const steps = createEventSteps(dependencies);
  const handlers = createEventHandlers(dependencies);
  expect(await steps.claimEvent(id, await readIdentity(db))).toMatchObject({ kind: 'claimed' });
  const key: EntityKey = { entityType: 'release', gid: release.gid };
  expect(await handlers.putIndex(key)).toBe('sent');
  expect(await handlers.putXml(key)).toBe('sent');
  expect(await steps.completeEvent(id, 'sent')).toBe('completed');
  expect(statements.length, statements.join('\n')).toBeLessThanOrEqual(18);
  expect(transactions()).toBeLessThanOrEqual(9);
});
