import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from './run-command.ts';

const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url!);
  if (request.url === '/silent') return;
  response.writeHead(request.url === '/readyz' ? 503 : 200).end(`{"status":"${request.url}"}\n`);
});
let port: number;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const health = (args: readonly string[], env: NodeJS.ProcessEnv) =>
  runCommand(['--config', '/dev/null', 'health', ...args], env);

test('asks the worker of this host, also one that listens at all addresses', async () => {
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    const answer = await health([], { MONITORING_LISTEN: `${host}:${port}` });
    expect(answer).toMatchObject({ code: 0, stdout: '{"status":"/healthz"}\n' });
  }
  expect(asked.splice(0)).toEqual(['/healthz', '/healthz']);
});

test('says what a process answers that is not well, and that one doesn’t answer in time', async () => {
  const unready = await health([`http://127.0.0.1:${port}/readyz`], {});
  expect([unready.code, unready.stderr]).toEqual([
    1,
    expect.stringContaining('/readyz answers 503: {"status"') as string,
  ]);
  const silent = await health([`http://127.0.0.1:${port}/silent`], { MONITORING_TIMEOUT_SECONDS: '0.2' });
  expect([silent.code, silent.stderr]).toEqual([1, expect.stringContaining('/silent does not answer') as string]);
});

test.each([
  [[], 'name a URL'],
  [['localhost'], 'is no URL'],
])('%j is wrong usage where nobody listens', async (args, words) => {
  const { code, stderr } = await health(args, {});
  expect([code, stderr]).toEqual([2, expect.stringContaining(words) as string]);
});
