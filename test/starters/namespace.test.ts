import type { Client } from '@temporalio/client';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { limitQueues } from '../../src/starters/in-place.ts';
import { registerSearchAttributes, searchAttributeNames as names } from '../../src/starters/search-attributes.ts';
import { openTemporal } from '../../src/temporal/connection.ts';
import { taskQueues } from '../../src/temporal/task-queues.ts';
import { patience } from '../support/patience.ts';
import { createTestNamespace } from '../support/temporal.ts';

/* What a worker sets up in its namespace, as far as it is allowed to. */

let temporal: Client;
beforeEach(async () => {
  const { address, namespace } = await createTestNamespace();
  temporal = await openTemporal({ connectionOptions: { address }, namespace });
  const { connection } = temporal;
  onTestFinished(() => connection.close());
});

/** The same namespace, for somebody who may run workflows and nothing else. */
function withoutRights(): Client {
  const refused = () => Promise.reject(new Error('Request unauthorized'));
  const operatorService = { listSearchAttributes: refused, addSearchAttributes: refused };
  return new Proxy(temporal, {
    get: (client, name) => (name === 'connection' ? { operatorService } : (Reflect.get(client, name) as unknown)),
  });
}

/** Registers an attribute by hand, as text (1), keyword (2) or number (3). */
async function register(name: string, type: number): Promise<void> {
  const { operatorService } = temporal.connection as unknown as {
    operatorService: { addSearchAttributes(request: object): Promise<unknown> };
  };
  const { namespace } = temporal.options;
  await operatorService.addSearchAttributes({ namespace, searchAttributes: { [name]: type } });
}

test('search attributes are registered where they are missing, once', async () => {
  expect(await registerSearchAttributes(temporal)).toEqual(names);
  await vi.waitFor(async () => expect(await registerSearchAttributes(temporal)).toEqual(names), patience);
});

test('one of another type is not used, nor are those that may not be registered', async () => {
  await register(names[0]!, 3);
  await vi.waitFor(async () => expect(await registerSearchAttributes(temporal)).toEqual(names.slice(1)), patience);
  await vi.waitFor(
    async () => expect(await registerSearchAttributes(withoutRights())).toEqual(names.slice(1)),
    patience,
  );
});

test('where nothing may be listed or registered, those are used that were made by hand', async () => {
  expect(await registerSearchAttributes(withoutRights())).toEqual([]);
  await register(names[1]!, 2);
  await vi.waitFor(async () => expect(await registerSearchAttributes(withoutRights())).toEqual([names[1]]), patience);
});

test('the rate of each service’s queue is the last that was said, higher or lower, for all workers', async () => {
  const rates = async () => {
    const { namespace } = temporal.options;
    const asked = [taskQueues.archive, taskQueues.musicbrainz].map((name) =>
      temporal.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name },
        taskQueueType: 2,
        reportConfig: true,
      }),
    );
    return (await Promise.all(asked)).map(({ config }) => config?.queueRateLimit?.rateLimit?.requestsPerSecond ?? null);
  };
  const limits = (archive: number, musicbrainz: number) =>
    ({ archive: { requestsPerSecond: archive }, musicbrainz: { requestsPerSecond: musicbrainz } }) as Parameters<
      typeof limitQueues
    >[1];
  expect(await limitQueues(temporal, limits(2, 1))).toBe(true);
  expect(await rates()).toEqual([2, 1]);
  expect(await limitQueues(temporal, limits(4, Infinity))).toBe(true);
  expect(await rates()).toEqual([4, null]);
});
