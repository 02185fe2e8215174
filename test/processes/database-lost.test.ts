import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { dispatcherWorkflowId, eventWorkflowId } from '../../src/temporal/task-queues.ts';
import { insertEvent } from '../database/queue/queue.ts';
import { type Deployment, noAudits, startDeployment } from '../support/deployment.ts';
import { endExecutables } from '../support/executable.ts';
import { patience } from '../support/patience.ts';
import { type SilentProxy, startSilentProxy } from '../support/silent-proxy.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-processes.ts';

// A database is away for a worker once it has not answered for half a minute.
vi.setConfig({ testTimeout: 400_000 });

interface Remote {
  readonly worker: WorkerProcess;
  /** Its only way to PostgreSQL. */
  readonly way: SilentProxy;
}

let deployment: Deployment;
let remotes: readonly [Remote, Remote];
const ways: SilentProxy[] = [];
beforeAll(async () => {
  // As many events at once as the worker that is cut off could hold.
  deployment = await startDeployment({ settings: { ...noAudits, EVENTS_CONCURRENCY: '4' } });
  const first = await startRemote();
  await vi.waitFor(async () => expect(await runBy(dispatcherWorkflowId)).toBe(first.worker.pid), patience);
  remotes = [first, await startRemote()];
});
afterEach(() => ways.forEach((way) => way.heal()));
afterAll(async () => {
  await deployment.stop();
  await endExecutables();
  for (const way of ways) way.close();
});

async function startRemote(): Promise<Remote> {
  const url = new URL(deployment.environment['DATABASE_URL']!);
  const way = await startSilentProxy(Number(url.port));
  ways.push(way);
  Object.assign(url, { hostname: '127.0.0.1', port: String(way.port) });
  return { way, worker: await startWorkerProcess(deployment, { settings: { DATABASE_URL: url.href } }) };
}

/** The process that carries out a workflow's activity; null where none does. */
async function runBy(workflowId: string): Promise<number | null> {
  const { raw } = await deployment.temporal.workflow.getHandle(workflowId).describe();
  const identity = raw.pendingActivities?.find(({ lastStartedTime }) => lastStartedTime)?.lastWorkerIdentity;
  return identity ? Number.parseInt(identity, 10) : null;
}

async function queueNoops(count: number, message: object): Promise<number[]> {
  const queued = Array.from({ length: count }, (_, number) =>
    insertEvent(deployment.db, { action: 'noop', message: { ...message, number } }),
  );
  return Promise.all(queued);
}

const untilCompleted = (ids: readonly number[]): Promise<void> =>
  vi.waitFor(async () => {
    const { rows } = await deployment.db.query(
      `select id, state::text, attempts from artwork_indexer.event_queue where id = any ($1) order by id`,
      [ids],
    );
    expect(rows).toEqual(ids.toSorted((a, b) => a - b).map((id) => ({ id, state: 'completed', attempts: 1 })));
  }, patience);

const left = 'the database does not answer: this worker takes no work until it does';
const back = 'the database answers: this worker takes work again';
const said = ({ worker }: Remote): string[] =>
  worker.log().flatMap(({ msg }) => (msg === left || msg === back ? [msg] : []));
const untilSaid = (remote: Remote, lines: readonly string[]): Promise<void> =>
  vi.waitFor(() => expect(said(remote)).toEqual(lines), patience);

test('while the database is away for all, all wait: nothing is lost, and nothing costs an event an attempt', async () => {
  const [inProgress] = await queueNoops(1, { sleep: 50 });
  await vi.waitFor(async () => expect(await runBy(eventWorkflowId(inProgress!))).not.toBeNull(), patience);
  for (const { way } of remotes) way.silence();
  const meanwhile = await queueNoops(6, { lost: 'by all' });
  for (const remote of remotes) await untilSaid(remote, [left]);

  for (const { way } of remotes) way.heal();
  await untilCompleted([inProgress!, ...meanwhile]);
  for (const remote of remotes) await untilSaid(remote, [left, back]);
});

test('what a worker holds that has lost its database is carried out by the others, until it has it again', async () => {
  const [losing, other] = remotes;
  const [before, beforeOther] = [said(losing), said(other)];
  losing.way.silence();
  await untilCompleted(await queueNoops(20, { lost: 'by one' }));
  await untilSaid(losing, [...before, left]);
  expect(said(other)).toEqual(beforeOther);

  losing.way.heal();
  await untilSaid(losing, [...before, left, back]);
  other.worker.kill('SIGTERM');
  expect(await other.worker.exit).toEqual({ code: 0, signal: null });
  await untilCompleted(await queueNoops(4, { lost: 'by nobody' }));
  losing.worker.kill('SIGTERM');
  expect(await losing.worker.exit).toEqual({ code: 0, signal: null });
  for (const { worker } of remotes) expect(worker.log().filter(({ level }) => level >= 50)).toEqual([]);
});
