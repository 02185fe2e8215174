import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type Client, isGrpcDeadlineError } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../src/config/config.ts';
import { ensureSchedules } from '../src/starters/schedules.ts';
import { registerSearchAttributes } from '../src/starters/search-attributes.ts';
import { startDispatcher } from '../src/starters/start.ts';
import {
  countPollers,
  isWorkflowOpen,
  openTemporal,
  openTemporalLazily,
  resultOf,
} from '../src/temporal/connection.ts';
import { dispatcherWorkflowId } from '../src/temporal/task-queues.ts';
import { type LosingProxy, startLosingProxy } from './support/losing-proxy.ts';
import { createTestNamespace } from './support/temporal.ts';

let proxy: LosingProxy;
let temporal: Client;
beforeAll(async () => {
  const { address, namespace } = await createTestNamespace();
  proxy = await startLosingProxy(address);
  temporal = await openTemporal({ connectionOptions: { address: proxy.address }, namespace });
});
afterAll(async () => {
  await temporal?.connection.close();
  await proxy?.close();
});

/** Of gRPC's form: at most eight digits and a unit. */
function milliseconds(timeout: string | undefined): number {
  const [, amount, unit] = /^(\d+)([HMSmun])$/.exec(timeout ?? '') ?? [];
  return Number(amount) * ({ H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 }[unit ?? ''] ?? NaN);
}

test('every call has a deadline, also where its caller names none', async () => {
  const config = readConfig({ file: '/dev/null', env: { ARCHIVE_CONTACT: 'test@localhost' } });
  const identity = { id: '11111111-1111-4111-8111-111111111111', database: 'a_db' };
  await startDispatcher(temporal, identity);
  await ensureSchedules(temporal, config, identity);
  await ensureSchedules(temporal, config, identity);
  await registerSearchAttributes(temporal);
  await countPollers(temporal);
  expect(await isWorkflowOpen(temporal, dispatcherWorkflowId, null)).toBe(true);
  for await (const _ of temporal.workflow.list()) break;
  const handle = temporal.workflow.getHandle(dispatcherWorkflowId);
  const ended = resultOf(handle).catch((error: unknown) => error);
  await handle.terminate('the test ends it');
  expect(await ended).toMatchObject({ message: 'the test ends it' });

  const timeouts = Object.entries(proxy.timeouts());
  expect(timeouts.map(([method]) => method)).toEqual(
    expect.arrayContaining([
      'CreateSchedule',
      'DescribeWorkflowExecution',
      'GetWorkflowExecutionHistory',
      'ListWorkflowExecutions',
      'StartWorkflowExecution',
      'TerminateWorkflowExecution',
      'UpdateSchedule',
    ]),
  );
  for (const [method, timeout] of timeouts) {
    const isPoll = method === 'GetWorkflowExecutionHistory';
    // Not a number where there is none.
    expect(milliseconds(timeout), method).toBeLessThanOrEqual(isPoll ? 40_000 : 20_000);
    // The server answers a poll after 20 s where nothing has happened.
    if (isPoll) expect(milliseconds(timeout), method).toBeGreaterThan(20_000);
  }
});

test('a shorter deadline of the caller stands', async () => {
  proxy.lose('DescribeWorkflowExecution', 1);
  const asked = temporal.withDeadline(Date.now() + 200, () => isWorkflowOpen(temporal, 'some-workflow', null));
  await expect(asked).rejects.toSatisfy(isGrpcDeadlineError);
  expect(milliseconds(proxy.timeouts()['DescribeWorkflowExecution'])).toBeLessThanOrEqual(200);
});

test('a call that would be tried again fails once its connection is closed, and ends no process', async () => {
  const refusing = createServer((socket) => void socket.destroy());
  await once(refusing.listen(0, '127.0.0.1'), 'listening');
  const { port } = refusing.address() as AddressInfo;
  const { connection, workflowService } = openTemporalLazily({ connectionOptions: { address: `127.0.0.1:${port}` } });
  const tried = once(refusing, 'connection');
  const asked = workflowService.describeNamespace({ namespace: 'default' });
  await tried;
  await connection.close();
  await expect(asked).rejects.toThrow(/Channel has been shut down/);
  refusing.close();
});
