import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { EntityKey } from '../../src/domain/entity.ts';
import { itemSeedOf, planItem } from '../../src/simulator/drift/item-plan.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { dispatcherWorkflowId } from '../../src/temporal/task-queues.ts';
import { readBuilds } from '../../src/temporal/worker-builds.ts';
import type { RunningWorker } from '../../src/worker.ts';
import { runCommand } from '../commands/run-command.ts';
import { insertEvent } from '../database/queue/queue.ts';
import { linesOf } from '../docs/documented-lines.ts';
import { endLines, startLine } from '../docs/run-line.ts';
import { makeSandbox, type Sandbox } from '../docs/sandbox.ts';
import { beginAuditOf, unpaced, untilQueueIsEmpty } from '../support/audits.ts';
import { dashboardParts, visitorOf } from '../support/dashboard.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { patience } from '../support/patience.ts';
import { bundleOf } from './changed-bundles.ts';

/*
 * docs/deploying-workflow-changes.md, "With worker versioning", acted out by its own commands: two builds of one deployment,
 * of which the second has an audit that is changed without a patch.
 */

const deploymentName = 'artwork-reconciler';
/** Long beside what a machine may take until an item is looked at: one that settles soon was changed a while ago. */
const settleSeconds = 60;

/** The lines of the page, in their order; each is run by a test below, and none is left out. */
const [ramp, describeAll, makeCurrent, describeOld, rollBack, endRamp, unversion] = linesOf(
  'docs/deploying-workflow-changes.md',
).map(({ line }) => line) as [string, string, string, string, string, string, string];
const ran = new Set<string>();

let sandbox: Sandbox;
/** The bundle of workflows of this folder, until the end of the file. */
async function bundled(file: string): Promise<string> {
  const path = join(sandbox.folder, basename(file).replace('.ts', '.js'));
  writeFileSync(path, (await bundleOf(file)).code);
  return path;
}
beforeAll(async () => {
  sandbox = await makeSandbox();
});
afterAll(() => {
  sandbox.remove();
  const lines = linesOf('docs/deploying-workflow-changes.md').map(({ line }) => line);
  expect([...ran].sort()).toEqual([...lines].sort());
});

describe.each(['upgrade', 'pin'] as const)('with running_workflows = %s', (runningWorkflows) => {
  let deployment: Deployment;
  let released: RunningWorker;
  let changed: RunningWorker;
  beforeAll(async () => {
    const versioned = { WORKER_DEPLOYMENT: deploymentName, WORKER_RUNNING_WORKFLOWS: runningWorkflows };
    deployment = await startDeployment({
      settings: { ...unpaced, ...versioned, AUDIT_SETTLE_MINUTES: String(settleSeconds / 60) },
    });
    released = await deployment.startWorker({
      bundlePath: await bundled('../../src/workflows/versioned.ts'),
      settings: { WORKER_BUILD_ID: 'OLD' },
    });
  });
  afterAll(async () => {
    await endLines();
    await deployment.stop();
  });

  /** Runs a line of the page as a reader does. @returns what it printed */
  async function run(line: string): Promise<string> {
    ran.add(line);
    const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = deployment.environment as Record<string, string>;
    const env = { TEMPORAL_ADDRESS: TEMPORAL_ADDRESS!, TEMPORAL_NAMESPACE: TEMPORAL_NAMESPACE! };
    // Saying it twice is saying it once; the tool gives up after seconds, which a busy machine takes.
    return vi.waitFor(async () => {
      const running = startLine(line, sandbox, env);
      await running.expectDone();
      return running.printed();
    }, patience);
  }

  const overview = async (): Promise<string> => {
    const { db, temporal } = deployment;
    const settings = { WORKER_DEPLOYMENT: deploymentName };
    return (await visitorOf(dashboardParts({ db, settings, temporal: () => Promise.resolve(temporal) })).get('/')).body;
  };

  const check = async (build: string) => {
    const outcome = await runCommand(['check', '--config', '/dev/null'], {
      ...deployment.environment,
      WORKER_BUILD_ID: build,
    });
    return /^build .*\n(?: {4}.*\n)*/m.exec(outcome.stdout)![0];
  };

  test('a build gets nothing until it is made current, and `check` says by which command', async () => {
    await vi.waitFor(async () => expect(await check('OLD')).toContain('OLD: inactive, workers of it poll'), patience);
    expect(await check('OLD')).toMatch(/^build +FAILED/);
    expect(await overview()).toContain('No build with workers is current');
    expect((await check('OLD')).replace('set-current-version', 'set-current-version --yes')).toContain(rollBack);
    const { release, audit } = await beginAudit();
    expect(await versionOf(audit)).toBeUndefined();
    await run(rollBack);
    expect(await audit.result(), release.gid).toMatchObject({ outcome: 'clean' });
    expect(await versionOf(audit)).toBe('OLD');
    await vi.waitFor(
      async () => expect(await check('OLD')).toMatch(/^build +ok +OLD of artwork-reconciler is current/),
      patience,
    );
  });

  test(`an audit in progress ${runningWorkflows === 'pin' ? 'ends on its own build' : 'moves to the build that is made current'}`, async () => {
    changed = await deployment.startWorker({
      bundlePath: await bundled('changed-unpatched-versioned.ts'),
      settings: { WORKER_BUILD_ID: 'NEW' },
    });
    await vi.waitFor(async () => expect(await statesOf()).toEqual({ OLD: 'current', NEW: 'inactive' }), patience);
    const audit = await beginBefore(makeCurrent);
    expect(await run(describeOld)).toMatch(/draining|drained/i);
    await vi.waitFor(
      async () => expect(await overview()).toMatch(/NEW: current, workers of it poll<.*OLD: drain/s),
      patience,
    );
    expect(await check('OLD')).toMatch(/^build +FAILED +OLD of artwork-reconciler is not current, NEW is/);

    // Ticks and dispatcher have moved, in both ways, and what they begin is the new build's.
    await vi.waitFor(async () => expect(await versionOf(dispatcher())).toBe('NEW'), patience);
    const { audit: later, release } = await beginAudit();
    expect(await later.result()).toMatchObject({ outcome: 'clean' });
    expect(await versionOf(later)).toBe('NEW');
    await insertEvent(deployment.db, { action: 'index', message: { gid: release.gid } });
    await untilQueueIsEmpty(deployment.db);

    if (runningWorkflows === 'upgrade') {
      // It can't go on there, and nothing is decided.
      await vi.waitFor(async () => expect(await failedTasksOf(audit)).toBeGreaterThan(0), patience);
      expect((await audit.describe()).status.name).toBe('RUNNING');
      await run(rollBack);
    }
    expect(await audit.result()).toMatchObject({ outcome: 'clean' });
    expect(await versionOf(audit)).toBe('OLD');
    if (runningWorkflows === 'pin') {
      expect(await failedTasksOf(audit)).toBe(0);
      await run(rollBack);
    }
    await vi.waitFor(async () => expect(await versionOf(dispatcher())).toBe('OLD'), patience);
  });

  test('a part of what begins goes to a build that is ramped', async () => {
    await run(ramp);
    await vi.waitFor(
      async () => expect(await check('NEW')).toMatch(/^build +ok +NEW of artwork-reconciler is given 10 %/),
      patience,
    );
    expect(await run(describeAll)).toMatch(/RampingVersionBuildID +NEW/i);
    await vi.waitFor(
      async () => expect(await overview()).toContain('NEW: ramping at 10 %, workers of it poll'),
      patience,
    );
    await run(endRamp);
    await vi.waitFor(async () => expect(await check('NEW')).toMatch(/^build +FAILED/), patience);
    changed.shutdown();
    await changed.ended;
  });

  test('workers without a build go on once that is made current again', async () => {
    const plain = await deployment.startWorker({ settings: { WORKER_DEPLOYMENT: '' } });
    await run(unversion);
    released.shutdown();
    await released.ended;
    const { audit, release } = await beginAudit();
    expect(await audit.result()).toMatchObject({ outcome: 'clean' });
    expect(await versionOf(audit)).toBeUndefined();
    // The dispatcher that a build began goes on with them.
    await insertEvent(deployment.db, { action: 'index', message: { gid: release.gid } });
    await untilQueueIsEmpty(deployment.db);
    plain.shutdown();
    await plain.ended;
  });

  const dispatcher = (): WorkflowHandle => deployment.temporal.workflow.getHandle(dispatcherWorkflowId);

  async function statesOf(): Promise<Record<string, string>> {
    const builds = await readBuilds(deployment.temporal, deploymentName);
    return Object.fromEntries(builds.map(({ buildId, state }) => [buildId, state]));
  }

  /** An audit that waits on its timer still once the line was run. On a busy machine that takes longer: then again. */
  async function beginBefore(line: string): Promise<WorkflowHandle> {
    for (let seconds = 6; ; seconds *= 2) {
      const { audit } = await beginAudit(seconds);
      const isRunning = async () => (await audit.describe()).status.name === 'RUNNING';
      const waits = async () =>
        (await audit.fetchHistory()).events?.some((event) => event.timerStartedEventAttributes) === true;
      await vi.waitFor(async () => expect((await waits()) || !(await isRunning())).toBe(true), patience);
      const hasWaited = await waits();
      await run(line);
      if (hasWaited && (await isRunning())) return audit;
      await run(rollBack);
    }
  }

  /** Of an item that has settled, or settles in so many seconds. */
  async function beginAudit(seconds = -3600): Promise<{ release: EntityKey; audit: WorkflowHandle }> {
    const { db, simulator } = deployment;
    const release = await addRelease(db, { images: 1 });
    const lastUpdated = new Date(Date.now() + (seconds - settleSeconds) * 1000);
    simulator.archive.seedItem({ ...itemSeedOf(await planItem(db, release)), lastUpdated });
    return { release, audit: await beginAuditOf(deployment, release) };
  }

  /** The build that the run's last step was taken by. */
  async function versionOf(handle: WorkflowHandle): Promise<string | undefined> {
    const { raw } = await handle.describe();
    return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;
  }

  async function failedTasksOf(handle: WorkflowHandle): Promise<number> {
    const { events } = await handle.fetchHistory();
    return (events ?? []).filter((event) => event.workflowTaskFailedEventAttributes).length;
  }
});
