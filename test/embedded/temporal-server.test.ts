import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findTemporalCli } from '../../src/embedded/temporal-cli.ts';
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

describe('one that crashes while it starts', () => {
  let folder: string;
  let program: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crashing-temporal-'));
    program = join(folder, 'temporal');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Crashes as the real one does where another process takes a port of its own choice: what was wrong, then a trace. */
  async function crash(times: number): Promise<void> {
    await rm(join(folder, 'starts'), { force: true });
    const script = `#!/bin/sh
if [ "$1" != --version ]; then
  echo start >> '${folder}/starts'
  if [ "$(wc -l < '${folder}/starts')" -le ${times} ]; then
    echo 'panic: listen tcp 127.0.0.1:43210: bind: address already in use' >&2
    for frame in $(seq 1 40); do echo "some.function() line $frame" >&2; done
    exit 2
  fi
fi
exec '${await findTemporalCli()}' "$@"
`;
    await writeFile(program, script, { mode: 0o755 });
  }

  const starts = async () => (await readFile(join(folder, 'starts'), 'utf8')).trimEnd().split('\n').length;

  test.each([
    ['on a free port', false],
    ['on a port that is given', true],
  ])('is started again %s', async (_, given) => {
    let port: number | undefined;
    if (given) {
      const before = await startTemporalServer();
      port = before.port;
      await before.stop();
    }
    await crash(2);
    const server = await startTemporalServer({
      ...(port === undefined ? {} : { port }),
      cli: { env: { TEMPORAL_CLI_PATH: program } },
    });
    try {
      expect(await starts()).toBe(3);
      expect(await startWorkflow(server.address)).toEqual([]);
      if (port !== undefined) expect(server.port).toBe(port);
    } finally {
      await server.stop();
    }
  });

  test('is given up in the end, with what it said before its trace', async () => {
    await crash(1000);
    await expect(startTemporalServer({ cli: { env: { TEMPORAL_CLI_PATH: program } } })).rejects.toThrow(
      /did not start on port \d+ \(try 5\): exit code 2[^]*panic: listen tcp 127\.0\.0\.1:43210/,
    );
    expect(await starts()).toBe(5);
  });
});
