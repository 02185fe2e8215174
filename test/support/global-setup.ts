import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import type { HarnessAnswers } from './harness.ts';
import { startPostgres } from './run-postgres.ts';
import { startTemporal } from './run-temporal.ts';
import { buildWorkflowBundle } from './run-workflow-bundle.ts';

/** A server of the run, or what a test needs built: made when the first test file asks, undone after the last. */
export interface RunPart<Answer> {
  readonly answer: Answer;
  stop(): Promise<void>;
}

/**
 * One PostgreSQL, one Temporal dev server and one workflow bundle for all test files of a run, each only when a file
 * asks for it: the pure core's tests start nothing. The files run in processes of their own, so they ask over HTTP.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const makers: { [Path in keyof HarnessAnswers]: () => Promise<RunPart<HarnessAnswers[Path]>> } = {
    '/postgres': startPostgres,
    '/temporal': startTemporal,
    '/workflow-bundle': buildWorkflowBundle,
  };
  const made = new Map<string, Promise<RunPart<unknown>>>();
  const server = createServer((request, response) => {
    const path = request.url as keyof HarnessAnswers;
    const part = made.get(path) ?? makers[path]();
    made.set(path, part);
    part.then(
      ({ answer }) => response.end(JSON.stringify(answer)),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  });
  // Else a connection may be closed, after some seconds of silence, right when a file asks again on it.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  project.provide('harnessUrl', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const ends = [...made.values()].map((part) => part.then((started) => started.stop()));
    await Promise.allSettled(ends);
  };
}
