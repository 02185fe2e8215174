import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readAuditEntity } from '../../src/database/audits/entity-history.ts';
import { queueIndex } from '../../src/database/queue/queue-event.ts';
import { readIdentity } from '../../src/database/schema/deployment.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { startAudit } from '../../src/starters/start.ts';
import { auditWorkflowId, eventWorkflowId, taskQueues } from '../../src/temporal/task-queues.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { patience } from '../support/patience.ts';

let deployment: Deployment;

beforeAll(async () => {
  deployment = await startDeployment();
  await deployment.startWorker();
});
afterAll(() => deployment.stop());

test('a queued index event is carried out: the item has index.json and the XML', async () => {
  const { db, simulator } = deployment;
  const { gid } = await addRelease(db, { images: 2 });
  const { id } = await db.transaction((tx) => queueIndex(tx, { entityType: 'release', gid }));

  await vi.waitFor(() => expectState(id, 'completed'), patience);
  simulator.archive.settle();
  const names = simulator.archive.item(`mbid-${gid}`)?.files.map(({ name }) => name);
  expect(names).toContain('index.json');
  expect(names).toContain(`mbid-${gid}_mb_metadata.xml`);
  const { rows } = await db.query('select outcome, request_id from artwork_reconciler.event_attempt where event = $1', [
    id,
  ]);
  // By which the archive's staff can look up what became of both.
  expect(rows).toEqual([
    { outcome: 'completed', request_id: expect.stringMatching(/^[0-9a-f-]{36}, [0-9a-f-]{36}$/) as string },
  ]);
});

test('what another database’s deployment has started is left alone, and both are named', async () => {
  const { db, temporal } = deployment;
  const own = await readIdentity(db);
  const theirs = { id: '99999999-9999-4999-8999-999999999999', database: 'their_db' };
  const { gid } = await addRelease(db, { images: 1 });
  // Not due, as of the same number at theirs.
  const { rows } = await db.query<{ id: number }>(
    `insert into artwork_indexer.event_queue (entity_type, action, message, last_updated)
     values ('release', 'index', $1, now() + interval '1 day') returning id`,
    [{ gid }],
  );
  const { id } = rows[0]!;
  const started = { taskQueue: taskQueues.reconciler, workflowId: `event-of-theirs-${id}` };
  const reason = expect.stringMatching(`their_db \\(deployment ${theirs.id}\\).*deployment ${own.id}`) as string;
  expect(await temporal.workflow.execute('processEvent', { ...started, args: [id, theirs] })).toEqual({
    outcome: 'not_claimed',
    reason,
  });
  const key = { entityType: 'release', gid } as const;
  await startAudit(temporal, key, 'operator', { maxWaitHours: 24 }, theirs);
  const audit = temporal.workflow.getHandle(auditWorkflowId('release', gid));
  expect(await audit.result()).toEqual({ outcome: 'refused', reason });
  expect(await readAuditEntity(db, key)).toBeUndefined();
  await db.query('delete from artwork_indexer.event_queue where id = $1', [id]);
});

test('whose an event is, is part of what its workflow is started with', async () => {
  const { db, temporal } = deployment;
  const { gid } = await addRelease(db, { images: 1 });
  const { id } = await db.transaction((tx) => queueIndex(tx, { entityType: 'release', gid }));
  await vi.waitFor(() => expectState(id, 'completed'), patience);
  const { events } = await temporal.workflow.getHandle(eventWorkflowId(id)).fetchHistory();
  const { input } = events![0]!.workflowExecutionStartedEventAttributes!;
  expect(input!.payloads!.map(({ data }) => JSON.parse(Buffer.from(data!).toString('utf8')) as unknown)).toEqual([
    id,
    await readIdentity(db),
  ]);
});

test('event after event leaves no listener behind', async () => {
  const { db } = deployment;
  const warnings: string[] = [];
  const keep = ({ name, message }: Error): void => void warnings.push(`${name}: ${message}`);
  process.on('warning', keep);
  try {
    const ids: number[] = [];
    for (let n = 0; n < 25; n += 1) {
      const { gid } = await addRelease(db, { images: 1 });
      ids.push((await db.transaction((tx) => queueIndex(tx, { entityType: 'release', gid }))).id);
    }
    await vi.waitFor(() => Promise.all(ids.map((id) => expectState(id, 'completed'))), {
      timeout: 140_000,
      interval: 100,
    });
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', keep);
  }
});

async function expectState(id: number, state: string): Promise<void> {
  const { rows } = await deployment.db.query<{ state: string }>(
    'select state::text from artwork_indexer.event_queue where id = $1',
    [id],
  );
  expect(rows[0]?.state).toBe(state);
}
