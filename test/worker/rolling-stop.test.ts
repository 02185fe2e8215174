import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { queueIndex } from '../../src/database/queue/queue-event.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { eventWorkflowId } from '../../src/temporal/task-queues.ts';
import { insertEvents } from '../database/queue/queue.ts';
import { type Deployment, noAudits, startDeployment } from '../support/deployment.ts';
import { describeOpenEvents } from '../support/open-events.ts';
import { patience } from '../support/patience.ts';

// Two workers on a busy machine.

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({ settings: { ...noAudits, EVENTS_CONCURRENCY: '16' } });
});
afterAll(() => deployment.stop());

test('what is queued while one of two workers stops is claimed by the other, at its workflow’s first try', async () => {
  const { db, simulator, temporal } = deployment;
  const stopping = await deployment.startWorker();
  const { gid } = await addRelease(db, { images: 1 });
  // While its requests are answered late, its worker continues with its workflow.
  Object.assign(simulator.faults, { slow: { kinds: ['put'] }, slowSeconds: 3 });
  const { id: inProgress } = await db.transaction((tx) => queueIndex(tx, { entityType: 'release', gid }));
  await vi.waitFor(() => expect(simulator.requests().put).toBe(1), patience);
  await deployment.startWorker();
  stopping.shutdown();
  const noop = (number: number) => ({ action: 'noop', message: { number } });
  const queued = await insertEvents(
    db,
    Array.from({ length: 20 }, (_, number) => noop(number)),
  );
  // A step that Temporal hands to a worker as it stops is given to another one when its heartbeats are missed, after 30 s.
  await vi.waitFor(async () => expect(await describeOpenEvents(db)).toEqual([]), { ...patience, timeout: 150_000 });
  await stopping.ended;

  // A workflow that was refused has ended, and another run of its id took its place.
  const runs = async (): Promise<string[]> => {
    const ids: string[] = [];
    const query = `WorkflowType = 'processEvent' and ExecutionStatus = 'Completed'`;
    for await (const { workflowId } of temporal.workflow.list({ query })) ids.push(workflowId);
    return ids.sort();
  };
  const expected = [inProgress, ...queued].map(eventWorkflowId).sort();
  await vi.waitFor(async () => expect(await runs()).toEqual(expect.arrayContaining(expected)), patience);
  expect(await runs()).toEqual(expected);
});
