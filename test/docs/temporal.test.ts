import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { addDrift } from '../../src/simulator/drift/seed-demo.ts';
import {
  dispatcherWorkflowId,
  eventWorkflowId,
  housekeepingScheduleId,
  paceScheduleId,
} from '../../src/temporal/task-queues.ts';
import { insertEvent } from '../database/queue/queue.ts';
import { auditOf, beginAuditOf, unpaced, untilQueueIsEmpty } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { historySize } from '../support/histories.ts';
import { patience } from '../support/patience.ts';
import { readStoredHistories } from '../workflows/stored-histories.ts';
import { linesOf } from './documented-lines.ts';
import { documentedMbid } from './sandbox.ts';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(resolve(root, 'docs/temporal.md'), 'utf8');
/** Rows of the tables whose first cell is this. */
const rowOf = (first: string): string[] => {
  const row = page.split('\n').find((line) => line.startsWith(`| ${first} |`)) ?? '';
  return row.split('|').map((cell) => cell.trim());
};

let deployment: Deployment;
/** One audit of each outcome, and the events that they queue. */
beforeAll(async () => {
  // Nothing is settled again after a repair, so that an audit in progress is there to be found.
  deployment = await startDeployment({ settings: { ...unpaced, AUDIT_SETTLE_MINUTES: '60' } });
  await deployment.startWorker();
  for (const [drift, entityType] of [
    ['in_step', 'release'],
    ['xml_title_stale', 'event'],
    ['image_missing', 'release'],
  ] as const) {
    await auditOf(deployment, await make(drift, entityType));
  }
  await untilQueueIsEmpty(deployment.db);
  // An MBID that nobody has: it fails for good.
  await insertEvent(deployment.db, { action: 'index', message: { gid: documentedMbid } });
  await beginAuditOf(deployment, await makeUnsettled());
});
afterAll(() => deployment.stop());

async function make(drift: string, entityType: 'event' | 'release') {
  const { db, simulator } = deployment;
  const [key] = await addDrift(db, simulator.archive, drift, { entityType, seed: 'temporal' });
  return key!;
}

/** An item that the archive has something to do for, and so an audit that waits. */
async function makeUnsettled() {
  const { simulator } = deployment;
  const key = await make('in_step', 'event');
  simulator.faults.taskStuck = [`mbid-${key.gid}`];
  const url = simulator.urls.s3.replace('{bucket}', `mbid-${key.gid}`).replace('{file}', 'index.json');
  const { status } = await fetch(url, {
    method: 'PUT',
    headers: { authorization: 'LOW eaa:secret-of-eaa', 'user-agent': 'test (test@localhost)' },
    body: '{}',
  });
  expect(status).toBe(200);
  return key;
}

describe('docs/temporal.md', () => {
  const queries = linesOf('docs/temporal.md').flatMap(({ line }) => /--query "(.*)"/.exec(line)?.[1] ?? []);

  test.each(queries)('its query finds what there is: %s', async (query) => {
    await vi.waitFor(async () => {
      const { count } = await deployment.temporal.workflow.count(query);
      expect(count).toBeGreaterThan(0);
    }, patience);
  });

  test('a query finds nothing else', async () => {
    const found: string[] = [];
    await vi.waitFor(async () => {
      found.length = 0;
      const query = "ArtworkOutcome = 'repair_queue' AND ArtworkProject = 'eaa'";
      for await (const { workflowId } of deployment.temporal.workflow.list({ query })) found.push(workflowId);
      expect(found).toEqual([expect.stringMatching(/^audit-event-/)]);
    }, patience);
  });

  test('names workflow ids as they are', () => {
    const ids = [dispatcherWorkflowId, eventWorkflowId(12345), paceScheduleId, housekeepingScheduleId];
    for (const id of ids) expect(page).toContain(id);
  });

  test('names steps that there are', () => {
    const folder = join(root, 'src/activities');
    const sources = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    const steps = new Set(sources.flatMap((text) => [...text.matchAll(/async (\w+)\(/g)].map(([, name]) => name!)));
    const table = page.split('**An audit**')[1]!.split('A workflow that was')[0]!;
    const named = [...table.matchAll(/`([a-z]+[A-Z]\w+)`/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((name) => !steps.has(name))).toEqual([]);
  });

  test('says how large histories are, within a quarter', async () => {
    const { temporal } = deployment;
    const clean = (await firstOf(`ArtworkOutcome = 'clean'`))!;
    const event = (await firstOf(`ArtworkAction = 'index' AND ArtworkOutcome = 'completed'`))!;
    for (const [first, id] of [
      ['an audit that finds the item clean', clean],
      ['an `index` event', event],
    ] as const) {
      const { events, bytes } = await historySize(temporal.workflow.getHandle(id));
      const [, , saidEvents, saidKilobytes] = rowOf(first);
      expectNear(events, Number(saidEvents), first);
      expectNear(bytes / 1000, Number(saidKilobytes), first);
    }
  });

  test.each([
    ['audit-decided-at-once', 'an audit that finds the item clean'],
    ['audit-repair', 'an audit that downloads both documents, and queues a repair'],
    ['audit-waits-on-a-timer', 'an audit that waited for the item to settle'],
    ['audit-starts-over', 'an audit that started over, as MusicBrainz was edited'],
    ['event-index', 'an `index` event'],
    ['event-copy_image', 'a `copy_image` or `delete_image` event'],
    ['bulk-action', 'a bulk action of three rows'],
    ['pace-audits', 'a tick of the pacer'],
    ['housekeeping', 'housekeeping'],
  ])('the stored history %s is about as long as it says', (name, first) => {
    const { history } = readStoredHistories().find((each) => each.name === name)!;
    expectNear(history.events!.length, Number(rowOf(first)[2]), first);
  });
});

async function firstOf(query: string): Promise<string | undefined> {
  return vi.waitFor(async () => {
    for await (const { workflowId } of deployment.temporal.workflow.list({ query })) return workflowId;
    throw new Error(`nothing is found by ${query} yet`);
  }, patience);
}

function expectNear(found: number, said: number, what: string): void {
  expect(found / said, `${what}: ${found}, and the page says ${said}`).toBeGreaterThan(0.75);
  expect(found / said, `${what}: ${found}, and the page says ${said}`).toBeLessThan(1.25);
}
