import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { beforeEach, expect, test, vi } from 'vitest';
import { openDependencies } from '../../src/activities/dependencies.ts';
import { createDispatcher } from '../../src/activities/dispatch.ts';
import { createPacer } from '../../src/activities/pace.ts';
import { readConfig } from '../../src/config/config.ts';
import { within } from '../../src/lifetime/within.ts';
import { stepOptions } from '../../src/workflows/step-options.ts';
import { emptyQueue, insertEvents } from '../database/queue/queue.ts';
import { createTestDatabase } from '../support/database.ts';

/*
 * The dispatcher and the pacer report from their own loops that they are alive. All that they wait for between two
 * heartbeats may take as long as its limit allows without their losing their place.
 */

vi.mock(import('../../src/lifetime/within.ts'), { spy: true });

const database = await createTestDatabase();
const { db } = database;
beforeEach(() => emptyQueue(db));

/** Milliseconds that a call to Temporal may take beyond its deadline: the SDK's pauses between tries. */
const beyondDeadline = 6_000;
/** Milliseconds that it has where its caller sets no deadline (src/temporal/connection.ts). */
const usualDeadline = 20_000;

/** What a step is given, and how long it may have waited at most between two heartbeats; the first start of a workflow stops it. */
function watched() {
  const environment = new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') });
  const between: number[][] = [[]];
  const wait = (longest: number): void => void between.at(-1)!.push(longest);
  environment.on('heartbeat', () => void between.push([]));
  vi.mocked(within).mockImplementation(async (longest, _what, asked) => {
    wait(longest);
    return asked;
  });
  const stopping = new AbortController();
  let limit = usualDeadline;
  const temporal = {
    withDeadline: async (deadline: number, ask: () => Promise<unknown>) => {
      limit = deadline - Date.now();
      return ask().finally(() => (limit = usualDeadline));
    },
    workflow: {
      start: async () => {
        wait(limit + beyondDeadline);
        stopping.abort();
        return { result: () => new Promise(() => undefined) };
      },
    },
  } as unknown as Client;
  const env = { DATABASE_URL: database.url, ARCHIVE_CONTACT: 'test@localhost', EVENTS_POLL_SECONDS: '0.01' };
  const config = readConfig({ file: '/dev/null', env });
  const given = openDependencies({ db, config: () => config, run: () => ({ workflowId: null, runId: 'none' }) });
  const dependencies = { ...given, temporal, stopping: stopping.signal };
  return { environment, dependencies, longest: () => Math.max(...between.map((waits) => waits.reduce(sum, 0))) };
}

const sum = (one: number, other: number): number => one + other;
const milliseconds = (seconds: string): number => Number.parseInt(seconds, 10) * 1000;

test('the dispatcher’s loop waits for less between two heartbeats than their time-out', async () => {
  await insertEvents(db, [{}]);
  const { environment, dependencies, longest } = watched();
  const dispatcher = createDispatcher(dependencies);
  await expect(environment.run(() => dispatcher.dispatchEvents())).rejects.toThrow('shuts down');
  expect(longest()).toBeLessThan(milliseconds(stepOptions.dispatcher.heartbeatTimeout));
});

test('a tick of the pacer waits for less between two heartbeats than their time-out', async () => {
  await db.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid) values ('release', gen_random_uuid())`,
  );
  const { environment, dependencies, longest } = watched();
  const pacer = createPacer(dependencies);
  expect(await environment.run(() => pacer.startPacedAudits('tick'))).toMatchObject({ started: 1 });
  expect(longest()).toBeLessThan(milliseconds(stepOptions.pacer.heartbeatTimeout));
});
