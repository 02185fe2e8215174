import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOpenWorkflows } from '../../chaos/open-workflows.ts';
import { startTemporalServer, type TemporalServer } from '../../src/embedded/temporal-server.ts';
import { openTemporal } from '../../src/temporal/connection.ts';
import { patience } from '../support/patience.ts';

// One of its own: what chaos looks at has the default namespace to itself.
let server: TemporalServer;
beforeAll(async () => {
  server = await startTemporalServer();
});
afterAll(() => server.stop());

test('a run that does not settle says which workflows are open, and what each waits for', async () => {
  const temporal = await openTemporal({ connectionOptions: { address: server.address } });
  const started = { taskQueue: 'nobody-listens', args: [] };
  await temporal.workflow.start('processEvent', { ...started, workflowId: 'event-17' });
  const over = await temporal.workflow.start('processEvent', { ...started, workflowId: 'event-18' });
  await over.terminate('it is over');
  await expect
    .poll(() => describeOpenWorkflows(server.address), patience)
    .toEqual([expect.stringMatching(/^workflow event-17, since \d{4}-.*Z: its own next step \(attempt 1\)$/)]);
  await temporal.connection.close();
});
