import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import PgBoss from 'pg-boss';
import type { PickedEvent } from '../test/support/other-daemon-requests.ts';
import { timed } from './measure.ts';

/** How a peer works: as it comes, or as many jobs at once as the worker of these benches carries out events. */
export type PeerPace = 'default' | 'concurrent';

export const atOnce = 16;

/** A queue of jobs in PostgreSQL, of another project. Each stands in a schema of its own in the same database. */
export interface Peer {
  readonly name: string;
  /** SQL: how many of its jobs have not ended; none has failed where this comes to 0. */
  openJobs(schema: string): string;
  /** Creates its schema. @returns what queues jobs, in one statement, until it is closed */
  install(url: string, schema: string): Promise<PeerProducer>;
  /** Carries jobs out, until it is stopped. */
  work(url: string, options: PeerWork): Promise<{ stop(): Promise<void> }>;
  /**
   * Claims and completes all jobs that are queued, `atOnce` of them at a time, and does nothing for them.
   *
   * @returns the seconds that it took, without those of its start
   */
  drain(url: string, schema: string, jobs: number): Promise<number>;
}

interface PeerProducer {
  add(events: readonly PickedEvent[]): Promise<void>;
  close(): Promise<void>;
}

interface PeerWork {
  readonly schema: string;
  readonly pace: PeerPace;
  handle(event: PickedEvent): Promise<void>;
}

const jobName = 'index';
/** The shortest interval between two polls of a pg-boss worker. Seconds. */
const bossShortestPoll = 0.5;

export const pgBoss: Peer = {
  name: 'pg-boss',
  openJobs: (schema) => `select count(*) from ${schema}.job where name = '${jobName}' and state <> 'completed'`,
  async install(url, schema) {
    // What its housekeeping does is its worker's share.
    const boss = await startBoss({ connectionString: url, schema, supervise: false, schedule: false });
    await boss.createQueue(jobName);
    return {
      add: (events) => boss.insert(events.map((data) => ({ name: jobName, data }))),
      close: () => boss.stop({ graceful: false }),
    };
  },
  async work(url, { schema, pace, ...job }) {
    const boss = await startBoss({ connectionString: url, schema, ...(pace === 'concurrent' && { max: atOnce }) });
    const handleAll = async (jobs: readonly PgBoss.Job<PickedEvent>[]): Promise<void> => {
      for (const { data } of jobs) await job.handle(data);
    };
    if (pace === 'default') await boss.work<PickedEvent>(jobName, handleAll);
    else {
      const options = { pollingIntervalSeconds: bossShortestPoll };
      for (let worker = 0; worker < atOnce; worker += 1) await boss.work<PickedEvent>(jobName, options, handleAll);
    }
    return { stop: () => boss.stop() };
  },
  async drain(url, schema) {
    // Its workers wait between two jobs; these are the statements that they make.
    const boss = await startBoss({ connectionString: url, schema, max: atOnce, supervise: false, schedule: false });
    const lane = async (): Promise<void> => {
      for (;;) {
        const [job] = await boss.fetch(jobName);
        if (job === undefined) return;
        await boss.complete(jobName, job.id);
      }
    };
    const seconds = await timed(() => inLanes(lane));
    await boss.stop({ graceful: false });
    return seconds;
  },
};

async function startBoss(options: PgBoss.ConstructorOptions): Promise<PgBoss> {
  const boss = new PgBoss(options);
  boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
  return boss.start();
}

const silent = new Logger(() => () => undefined);

export const graphileWorker: Peer = {
  name: 'graphile-worker',
  openJobs: (schema) => `select count(*) from ${schema}.jobs`,
  async install(url, schema) {
    const utils = await makeWorkerUtils({ connectionString: url, schema, logger: silent });
    await utils.migrate();
    return {
      async add(events) {
        await utils.addJobs(events.map((payload) => ({ identifier: jobName, payload })));
      },
      close: async () => utils.release(),
    };
  },
  work: (url, { schema, pace, ...job }) =>
    run({
      connectionString: url,
      schema,
      ...(pace === 'concurrent' && graphileConcurrency),
      taskList: { [jobName]: (payload) => job.handle(payload as PickedEvent) },
    }),
  async drain(url, schema, jobs) {
    let handled = 0;
    let began = 0;
    let allHandled = (): void => undefined;
    const all = new Promise<void>((resolve) => (allHandled = resolve));
    const runner = await run({
      connectionString: url,
      schema,
      ...graphileConcurrency,
      logger: silent,
      noHandleSignals: true,
      taskList: {
        [jobName]: () => {
          if (handled === 0) began = performance.now();
          handled += 1;
          if (handled === jobs) allHandled();
        },
      },
    });
    await all;
    const seconds = (performance.now() - began) / 1000;
    await runner.stop();
    return seconds;
  },
};

/** One more connection than jobs: it listens. */
const graphileConcurrency = { concurrency: atOnce, maxPoolSize: atOnce + 1 };

export const peerQueues: readonly Peer[] = [pgBoss, graphileWorker];

/** The same work as often at a time as a concurrent peer has jobs. */
export async function inLanes(work: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: atOnce }, work));
}
