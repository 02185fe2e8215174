import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { DeploymentIdentity } from '../../src/domain/deployment.ts';
import { readIdentity } from '../../src/database/schema/deployment.ts';
import { itemSeedOf, planItem } from '../../src/simulator/drift/item-plan.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { startAudit } from '../../src/starters/start.ts';
import { dispatcherWorkflowId, eventWorkflowId } from '../../src/temporal/task-queues.ts';
import { insertEvent } from '../database/queue/queue.ts';
import { beginAuditOf, makeDue } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { shownSteps } from '../support/histories.ts';
import { patience } from '../support/patience.ts';
import { createTestNamespace } from '../support/temporal.ts';
import { openTemporal } from '../../src/temporal/connection.ts';

/* What an operator reads and searches in Temporal's UI. */

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({
    settings: {
      AUDIT_PER_HOUR: '3600',
      AUDIT_SETTLE_MINUTES: '60',
      DASHBOARD_PUBLIC_URL: 'https://reconciler.example.org',
      EVENTS_ATTEMPT_DELAY_SECONDS: '0',
    },
  });
  await deployment.startWorker();
});
afterAll(() => deployment.stop());

/** How a workflow is called, and what stands below that. */
async function shown(workflowId: string): Promise<{ summary: string | undefined; details: string | undefined }> {
  return vi.waitFor(async () => {
    const described = await deployment.temporal.workflow.getHandle(workflowId).describe();
    return { summary: await described.staticSummary(), details: await described.staticDetails() };
  }, patience);
}

const found = (query: string): Promise<string[]> =>
  vi.waitFor(async () => {
    const ids: string[] = [];
    for await (const { workflowId } of deployment.temporal.workflow.list({ query })) ids.push(workflowId);
    if (ids.length === 0) throw new Error(`nothing is found by ${query} yet`);
    return ids;
  }, patience);

const resultOf = (workflowId: string): Promise<unknown> =>
  vi.waitFor(() => deployment.temporal.workflow.getHandle(workflowId).result(), patience);

describe('an event', () => {
  test('that failed for good is found by that, by its action and by each of its MBIDs', async () => {
    const { db, environment } = deployment;
    const [from, to] = [await addRelease(db, { name: '*Harbour* [Songs]', images: 0 }), await addRelease(db)];
    // Nobody has the file: every attempt is refused.
    const message = { artwork_id: 8000022, old_gid: from.gid, new_gid: to.gid, suffix: 'png' };
    const id = await insertEvent(db, { action: 'copy_image', message, attempts: 4 });
    const workflowId = eventWorkflowId(id);
    expect(await resultOf(workflowId)).toMatchObject({ outcome: 'failed' });
    const copy = `copy image 8000022.png: ${from.gid.slice(0, 8)} → ${to.gid.slice(0, 8)} (release)`;
    const { summary, details } = await shown(workflowId);
    expect(summary).toBe(copy);
    expect(details).toContain(`[event ${id}](https://reconciler.example.org/events/${id})`);
    expect(details).toContain(
      `**\\*Harbour\\* \\[Songs\\]**, by Nina Simone · [dashboard](https://reconciler.example.org/entities/release/${from.gid})` +
        ` · [MusicBrainz](${environment['MUSICBRAINZ_URL']}/release/${from.gid})` +
        ` · [item](${environment['ARCHIVE_URL']}/details/mbid-${from.gid})`,
    );
    for (const { gid } of [from, to]) {
      const query = `ArtworkOutcome = 'failed' AND ArtworkAction = 'copy_image' AND ArtworkMbid = '${gid}'`;
      expect(await found(query)).toEqual([workflowId]);
    }
    const steps = await shownSteps(deployment.temporal.workflow.getHandle(workflowId));
    expect(steps).toEqual([
      ['claimEvent', 'claim the event'],
      ['copyImage', copy],
      ['endAttempt', expect.stringMatching(/^failed: HTTP 404 NoSuch(Key|Bucket): /)],
    ]);
  });

  test('that nobody can understand is shown as it is', async () => {
    const id = await insertEvent(deployment.db, { action: 'index', message: { gid: 'x'.repeat(1000) } });
    expect(await resultOf(eventWorkflowId(id))).toMatchObject({ outcome: 'failed' });
    expect(await shown(eventWorkflowId(id))).toMatchObject({ summary: 'index release xxxxxxxx' });
    expect(await found(`ArtworkOutcome = 'failed' AND ArtworkAction = 'index'`)).toEqual([eventWorkflowId(id)]);
  });
});

describe('an audit', () => {
  test('of the pacer’s is searched for while it runs, and its timer says what it waits for', async () => {
    const { db, simulator, temporal } = deployment;
    const entity = await addRelease(db, { name: 'Harbour Songs' });
    simulator.archive.seedItem({ ...itemSeedOf(await planItem(db, entity)), lastUpdated: new Date() });
    await makeDue(db, [entity]);
    const query = `ArtworkMbid = '${entity.gid}' AND ArtworkAction = 'audit' AND ExecutionStatus = 'Running'`;
    const [workflowId] = await found(query);
    expect(await shown(workflowId!)).toMatchObject({
      summary: `audit release ${entity.gid.slice(0, 8)}`,
      details: expect.stringContaining('**Harbour Songs**, by Nina Simone · [dashboard](') as string,
    });
    await vi.waitFor(async () => {
      const steps = await shownSteps(temporal.workflow.getHandle(workflowId!));
      expect(steps).toContainEqual(['timer', 'waits for the item to settle']);
    }, patience);
  });

  test('has words for every step', async () => {
    const entity = await addRelease(deployment.db, { images: 0 });
    const handle = await beginAuditOf(deployment, entity);
    await handle.result();
    expect(await shownSteps(handle)).toEqual([
      ['beginAudit', 'claim the entity'],
      ['observeItem', 'compare the item with MusicBrainz'],
    ]);
    // One that finds something decides in a step of its own.
    const drifted = await beginAuditOf(deployment, await addRelease(deployment.db, { images: 1 }));
    await drifted.result();
    expect(await shownSteps(drifted)).toContainEqual(['decideAudit', 'decide']);
  });
});

test.each(['pace-audits', 'housekeeping'])('what the schedule %s starts says what it is for', async (schedule) => {
  const [workflowId] = await found(`TemporalScheduledById = '${schedule}'`);
  expect((await shown(workflowId!)).summary).toMatch(/^(start|look)/);
});

test('the dispatcher says what it is for', async () => {
  expect((await shown(dispatcherWorkflowId)).summary).toBe('start due events');
});

describe('in a namespace without the search attributes', () => {
  let temporal: Client;
  beforeAll(async () => {
    const { address, namespace } = await createTestNamespace();
    temporal = await openTemporal({ connectionOptions: { address }, namespace });
    return () => temporal.connection.close();
  });

  test.each([null, ['ArtworkMbid']])('a start does without those that it takes to be there (%j)', async (usable) => {
    const key = { entityType: 'release', gid: crypto.randomUUID() } as const;
    const served: DeploymentIdentity = await readIdentity(deployment.db);
    const begun = await startAudit(temporal, key, 'operator', { maxWaitHours: 24 }, served, { usable });
    expect(begun).toBe(true);
    const described = await temporal.workflow.getHandle(`audit-release-${key.gid}`).describe();
    expect(described.searchAttributes).not.toHaveProperty('ArtworkMbid');
    expect(await described.staticSummary()).toBe(`audit release ${key.gid.slice(0, 8)}`);
  });
});
