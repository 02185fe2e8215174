import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { expect, test } from 'vitest';
import { startTemporalServer } from '../../src/embedded/temporal-server.ts';
import { startSource } from '../support/run-source.ts';
import { createTestNamespace } from '../support/temporal.ts';
import { expectGone, firstLine, isRunning } from './processes.ts';

async function startWorkflow(address: string, namespace = 'default'): Promise<string[]> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection, namespace });
    const before = [];
    for await (const { workflowId } of client.workflow.list()) before.push(workflowId);
    await client.workflow.start('anything', { taskQueue: 'nobody', workflowId: 'one' });
    return before;
  } finally {
    await connection.close();
  }
}

test('the dev server serves its UI at a port of its own, and stop() leaves no process', async () => {
  const server = await startTemporalServer({ ui: true });
  const response = await fetch(server.uiUrl!);
  expect(response.status).toBe(200);
  await response.arrayBuffer();
  await server.stop();
  expect(isRunning(server.pid)).toBe(false);
});

test('it registers the search attributes that it is given', async () => {
  const server = await startTemporalServer({ searchAttributes: { ArtworkOutcome: 'Keyword' } });
  const connection = await Connection.connect({ address: server.address });
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
  expect(Object.keys(customAttributes ?? {})).toContain('ArtworkOutcome');
  await connection.close();
  await server.stop();
});

test('started again on its port, it has lost everything', async () => {
  const first = await startTemporalServer();
  await startWorkflow(first.address);
  await first.stop();
  const second = await startTemporalServer({ port: first.port });
  expect(second.address).toBe(first.address);
  expect(await startWorkflow(second.address)).toEqual([]);
  await second.stop();
});

test('it ends with the process that started it, even if that is killed', async () => {
  const child = startSource(join(import.meta.dirname, 'start-temporal.ts'));
  const { pid } = JSON.parse(await firstLine(child.stdout!)) as { pid: number };
  expect(isRunning(pid)).toBe(true);
  child.kill('SIGKILL');
  await expectGone(pid);
});

test('each namespace of the tests is usable at once, and empty', async () => {
  const one = await createTestNamespace();
  const two = await createTestNamespace();
  await startWorkflow(one.address, one.namespace);
  expect(await startWorkflow(two.address, two.namespace)).toEqual([]);
});
