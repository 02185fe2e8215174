import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { readMode } from '../../src/database/pace/mode.ts';
import { queueIndex } from '../../src/database/queue/queue-event.ts';
import { readWorkers } from '../../src/database/workers.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { dispatcherWorkflowId, eventWorkflowId, housekeepingScheduleId } from '../../src/temporal/task-queues.ts';
import { runCommand } from '../commands/run-command.ts';
import { type Deployment, noAudits, startDeployment } from '../support/deployment.ts';
import { abandonEvent } from '../support/end-of-test.ts';
import { endExecutables } from '../support/executable.ts';
import { patience } from '../support/patience.ts';
import { makeReplica } from '../support/replica.ts';
import { startWorkerProcess, type WorkerProcess, writableConfig } from '../support/worker-processes.ts';

// Each worker takes seconds to start on a busy machine.

/** Seconds that a deployment gives before it kills, less some for a busy machine's sake. */
const longestStop = 25;

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({ settings: { ...noAudits, EVENTS_CONCURRENCY: '16' } });
});
afterEach(endExecutables);
afterAll(() => deployment.stop());

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: what is in progress is finished, and another worker takes the dispatcher over at once',
  async (signal) => {
    const workers = [await startWorkerProcess(deployment), await startWorkerProcess(deployment)];
    const stopped = await dispatchersWorker(workers);
    const inProgress = await Promise.all(Array.from({ length: 6 }, () => queueNoop({ sleep: 2 })));
    await untilClaimed(inProgress);
    const feed = feedQueue();
    const sentAt = Date.now();
    stopped.kill(signal);
    expect(await stopped.exit).toEqual({ code: 0, signal: null });
    expect(Date.now() - sentAt).toBeLessThan(longestStop * 1000);

    await untilCompleted(inProgress);
    // Four in five events come later: the dispatcher is somebody else's by then.
    const fed = await feed.stopAfter(50);
    await untilCompleted(fed);
    expect(await attemptsOf(inProgress)).toEqual(inProgress.map(() => 'completed'));
    process.stderr.write(`${signal}: no event waited longer than ${(await longestWait(fed)).toFixed(2)} s\n`);
    // Where only the missing heartbeats told that it is gone, events would have waited for 15 s, and this would say so.
    expect(await endOfLastShift()).toBe('the worker of the dispatcher shuts down');
    const log = stopped.log();
    expect(log.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(['stopping: what is in progress is finished', 'stopped']),
    );
    expect(log.filter(({ level }) => level >= 50)).toEqual([]);
  },
);

test('SIGTERM: a worker alone finishes the event in progress, step after step, and begins no other', async () => {
  const { db, simulator } = deployment;
  const worker = await startWorkerProcess(deployment);
  const { gid } = await addRelease(db, { images: 1 });
  // Its item takes three requests, of which the two to the archive are answered late.
  Object.assign(simulator.faults, { slow: { kinds: ['put'] }, slowSeconds: 2 });
  simulator.resetRequests();
  const { id: inProgress } = await db.transaction((tx) => queueIndex(tx, { entityType: 'release', gid }));
  await vi.waitFor(() => expect(simulator.requests().put).toBe(1), patience);
  const attempt = await dispatchersAttempt();
  const sentAt = Date.now();
  worker.kill('SIGTERM');
  await untilLogged(worker, /^stopping/);
  const queuedLater = await queueNoop({});
  expect(await worker.exit).toEqual({ code: 0, signal: null });
  expect(Date.now() - sentAt).toBeLessThan(longestStop * 1000);

  const { rows } = await db.query(
    'select id, state::text, attempts from artwork_indexer.event_queue where id = any ($1::bigint[]) order by id',
    [[inProgress, queuedLater]],
  );
  expect(rows).toEqual([
    { id: inProgress, state: 'completed', attempts: 1 },
    { id: queuedLater, state: 'queued', attempts: 0 },
  ]);
  expect(simulator.requests()).toMatchObject({ put: 2, ws: 1 });
  // The dispatcher was given up once, and not taken again by the one that stops.
  expect(await dispatchersAttempt()).toBe(attempt + 1);
  simulator.faults.slow = 0;
  await startWorkerProcess(deployment);
  await untilCompleted([queuedLater]);
});

test('SIGTERM: what would not end in time is run by another worker, on the same claim', async () => {
  const first = await startWorkerProcess(deployment);
  const id = await queueNoop({ sleep: 3600 });
  await untilRunBy(first, id);
  const sentAt = Date.now();
  first.kill('SIGTERM');
  expect(await first.exit).toEqual({ code: 0, signal: null });
  expect(Date.now() - sentAt).toBeLessThan(longestStop * 1000);

  await untilRunBy(await startWorkerProcess(deployment), id);
  const { rows } = await deployment.db.query(
    `select event.state::text, event.attempts from artwork_indexer.event_queue event
     join artwork_reconciler.event_claim claim on claim.event = event.id where event.id = $1`,
    [id],
  );
  expect(rows).toEqual([{ state: 'running', attempts: 1 }]);
  await abandonEvent(deployment, id);
});

test('SIGTERM: what would not end in time, and may not be tried again at once, goes back at no cost to it', async () => {
  const environment = { ...deployment.environment, EVENTS_QUICK_RETRIES: '0' };
  const first = await startWorkerProcess({ environment });
  const id = await queueNoop({ sleep: 3600 });
  await untilRunBy(first, id);
  first.kill('SIGTERM');
  expect(await first.exit).toEqual({ code: 0, signal: null });

  await untilRunBy(await startWorkerProcess({ environment }), id);
  expect(await attemptsOf([id])).toEqual(['given_back']);
  await abandonEvent(deployment, id);
});

test('SIGTERM: a step that hears of nothing is abandoned in the time that a deployment gives, and that is said', async () => {
  const worker = await startWorkerProcess(deployment, {
    settings: {
      NODE_OPTIONS: `--import ${new URL('break-temporal.js', import.meta.url).href}`,
      BREAK: 'hang doNothing',
    },
  });
  const id = await queueNoop({});
  await untilRunBy(worker, id);
  const sentAt = Date.now();
  worker.kill('SIGTERM');
  expect(await worker.exit).toEqual({ code: 1, signal: null });
  expect(Date.now() - sentAt).toBeLessThan(longestStop * 1000);
  expect(worker.stderr()).toMatch(/^Error: This worker broke, and ends; .*to shutdown gracefully\n$/);
  await abandonEvent(deployment, id);
});

test('SIGHUP: the configuration is read again, and what changed is logged; a wrong one changes nothing', async () => {
  const file = await writableConfig();
  await file.write('[archive]\nconcurrency = 8\n');
  const environment = { ...deployment.environment };
  // What the environment sets goes before the file.
  delete environment['HOUSEKEEPING_SECONDS'];
  const worker = await startWorkerProcess({ environment }, { args: ['--config', file.path] });

  await file.write('[events]\nenabled = false\n[archive]\nconcurrency = 4\n[housekeeping]\nseconds = 7\n');
  worker.kill('SIGHUP');
  expect(await untilLogged(worker, 'configuration changed')).toMatchObject({
    changes: [
      '[archive] concurrency: 8 → 4',
      '[events] enabled: true → false',
      '[housekeeping] seconds: 150 → 7',
    ].sort(),
    in_force_after_restart: ['[archive] concurrency: 8 → 4'],
  });
  await vi.waitFor(async () => expect(await housekeepingSeconds()).toBe(7), patience);

  const id = await queueNoop({});
  await file.write('[events]\nenabled = perhaps\n');
  worker.kill('SIGHUP');
  const { msg } = await untilLogged(worker, /^configuration not taken over/);
  expect(msg).toContain(`(${file.path}): [events] enabled takes`);

  await addRelease(deployment.db);
  await makeReplica(deployment.db);
  await file.write('[events]\nenabled = true\n');
  worker.kill('SIGHUP');
  await untilLogged(worker, /^configuration not taken over: musicbrainz\.edit is empty/);
  // With an edit it is none any more.
  await addRelease(deployment.db);

  await file.write('[events]\nenabled = true\n');
  worker.kill('SIGHUP');
  const { time } = await untilLogged(worker, 'configuration changed', 2);
  await untilCompleted([id]);
  const { rows } = await deployment.db.query<{ started_at: Date }>(
    'select started_at from artwork_reconciler.event_attempt where event = $1',
    [id],
  );
  expect(rows[0]?.started_at.getTime()).toBeGreaterThanOrEqual(new Date(time).getTime());
  await file.remove();
});

test('SIGHUP with another mode changes none: the first worker’s stands in the database, and the log says so', async () => {
  const file = await writableConfig();
  await file.write('[audit]\nmode = repair\nenabled = false\n');
  const environment = { ...deployment.environment };
  // What the environment sets goes before the file.
  delete environment['AUDIT_MODE'];
  delete environment['AUDIT_ENABLED'];
  const settings = { WORKER_PID_FILE: `${file.path}.pid` };
  const worker = await startWorkerProcess({ environment }, { args: ['--config', file.path], settings });
  expect(worker.log().find(({ msg }) => msg.endsWith(' works'))).toMatchObject({ pid: worker.pid });
  await file.write('[audit]\nmode = report\nenabled = false\n');
  expect(await runCommand(['reload'], settings)).toMatchObject({ code: 0 });
  const { msg } = await untilLogged(worker, /^\[audit\] mode is report here/);
  expect(msg).toMatch(
    /the mode is repair, as the first worker's configuration said, \S+ \S+ UTC \(.+ ago\); `schedule mode report` changes/,
  );
  expect(await readMode(deployment.db, { mode: 'report' })).toMatchObject({ mode: 'repair' });
  const { rows } = await deployment.db.query(
    `select from pg_stat_activity where datname = current_database() and application_name = 'artwork-reconciler worker'`,
  );
  expect(rows.length).toBeGreaterThan(0);
  // It has said what it goes by, and takes that back when it stops.
  // Of the others of this file, which were killed, the rows stay for a while.
  const said = async () => (await readWorkers(deployment.db)).filter(({ name }) => name.startsWith(`${worker.pid}@`));
  expect(await said()).toMatchObject([{ settings: { '[events] concurrency': '16' } }]);
  expect(await runCommand(['stop'], settings)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('has ended') as string,
  });
  expect(await worker.exit).toEqual({ code: 0, signal: null });
  expect(await said()).toEqual([]);
  await file.remove();
});

let queuedNoops = 0;

/** Queues an event that does nothing, for as long as it is told. @returns its id */
async function queueNoop(message: { readonly sleep?: number }): Promise<number> {
  queuedNoops += 1;
  const { rows } = await deployment.db.query<{ id: number }>(
    `insert into artwork_indexer.event_queue (entity_type, action, message) values ('release', 'noop', $1) returning id`,
    // The queue holds only one of a kind.
    [{ ...message, number: queuedNoops }],
  );
  return rows[0]?.id ?? 0;
}

/** Queues one event after the other. */
function feedQueue(): { stopAfter(events: number): Promise<number[]> } {
  const ids: number[] = [];
  const timer = setInterval(() => void queueNoop({}).then((id) => ids.push(id)), 100);
  return {
    async stopAfter(events) {
      await vi.waitFor(() => expect(ids.length).toBeGreaterThanOrEqual(events), patience);
      clearInterval(timer);
      return ids;
    },
  };
}

async function untilClaimed(ids: readonly number[]): Promise<void> {
  await vi.waitFor(async () => {
    const { rows } = await deployment.db.query(
      'select from artwork_reconciler.event_claim where event = any ($1::bigint[])',
      [ids],
    );
    expect(rows).toHaveLength(ids.length);
  }, patience);
}

async function untilCompleted(ids: readonly number[]): Promise<void> {
  await vi.waitFor(async () => {
    const { rows } = await deployment.db.query<{ state: string }>(
      'select distinct state::text from artwork_indexer.event_queue where id = any ($1::bigint[])',
      [ids],
    );
    expect(rows).toEqual([{ state: 'completed' }]);
  }, patience);
}

/** How each attempt at these events ended: one word for each attempt. */
async function attemptsOf(ids: readonly number[]): Promise<string[]> {
  const { rows } = await deployment.db.query<{ outcome: string }>(
    'select outcome from artwork_reconciler.event_attempt where event = any ($1::bigint[])',
    [ids],
  );
  return rows.map(({ outcome }) => outcome);
}

/** Seconds from an event's row to its claim, of the one that waited longest. */
async function longestWait(ids: readonly number[]): Promise<number> {
  const { rows } = await deployment.db.query<{ seconds: number }>(
    `select max(extract(epoch from attempt.started_at - event.created))::float8 as seconds
     from artwork_reconciler.event_attempt attempt join artwork_indexer.event_queue event on event.id = attempt.event
     where event.id = any ($1::bigint[])`,
    [ids],
  );
  return rows[0]?.seconds ?? NaN;
}

/** The one whose process runs the dispatcher. */
async function dispatchersWorker(workers: readonly WorkerProcess[]): Promise<WorkerProcess> {
  return vi.waitFor(async () => {
    const identity = await workerOf(dispatcherWorkflowId);
    const found = workers.find(({ pid }) => identity?.startsWith(`${pid}@`));
    if (found === undefined) throw new Error(`the dispatcher is run by ${identity ?? 'nobody'} yet`);
    return found;
  }, patience);
}

async function untilRunBy({ pid }: WorkerProcess, eventId: number): Promise<void> {
  await vi.waitFor(async () => expect(await workerOf(eventWorkflowId(eventId))).toMatch(`${pid}@`), patience);
}

/** `PENDING_ACTIVITY_STATE_STARTED` of Temporal's API. */
const started = 2;

/** Who runs a workflow's activity now, as `pid@host`. */
async function workerOf(workflowId: string): Promise<string | null> {
  const { raw } = await deployment.temporal.workflow.getHandle(workflowId).describe();
  const [activity] = raw.pendingActivities ?? [];
  return Number(activity?.state) === started ? (activity?.lastWorkerIdentity ?? null) : null;
}

/** Why the dispatcher's last worker gave it up, as Temporal has it. */
async function endOfLastShift(): Promise<string | null> {
  const { raw } = await deployment.temporal.workflow.getHandle(dispatcherWorkflowId).describe();
  return raw.pendingActivities?.[0]?.lastFailure?.message ?? null;
}

/** How often a worker has taken the dispatcher, this shift. */
async function dispatchersAttempt(): Promise<number> {
  const { raw } = await deployment.temporal.workflow.getHandle(dispatcherWorkflowId).describe();
  return raw.pendingActivities?.[0]?.attempt ?? NaN;
}

async function housekeepingSeconds(): Promise<number> {
  const { spec } = await deployment.temporal.schedule.getHandle(housekeepingScheduleId).describe();
  return (spec.intervals?.[0]?.every ?? NaN) / 1000;
}

function untilLogged(worker: WorkerProcess, message: RegExp | string, time = 1) {
  return vi.waitFor(() => {
    const lines = worker.log().filter(({ msg }) => (typeof message === 'string' ? msg === message : message.test(msg)));
    const line = lines[time - 1];
    if (line === undefined) throw new Error(`not logged yet: ${message}; so far:\n${worker.stdout()}`);
    return line;
  }, patience);
}
