import type { Client } from '@temporalio/client';
import { readConfig } from '../../src/config/config.ts';
import type { Database } from '../../src/database/connection.ts';
import type { OutcomeLog } from '../../src/logging/log.ts';
import { type Faults, noFaults } from '../../src/simulator/archive/faults.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';
import { openTemporal, type TemporalConfig } from '../../src/temporal/connection.ts';
import { type RunningWorker, startWorker } from '../../src/worker.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { expectSoundEnd } from './end-of-test.ts';
import { installQuietRuntime } from './replay.ts';
import { simulatorSettings } from './simulator-settings.ts';
import { createTestNamespace, dontReplay } from './temporal.ts';
import { workflowBundlePath } from './workflow-bundle.ts';

installQuietRuntime();

/** The whole product in this process: its database, a simulated archive, a namespace of Temporal, and a worker. */
export interface Deployment {
  readonly db: Database;
  readonly simulator: Simulator;
  readonly temporal: Client;
  /** Where all of it is, as the environment variables that a worker in a process of its own takes. */
  readonly environment: Readonly<Record<string, string>>;
  /** Another worker of this deployment; none is started with it. */
  startWorker(options?: WorkerOfTest): Promise<RunningWorker>;
  /** Sees first that all is sound: see `expectSoundEnd`. */
  stop(): Promise<void>;
}

interface WorkerOfTest {
  /** Other workflows than those of src/. */
  readonly bundlePath?: string;
  readonly log?: OutcomeLog;
  /** Settings of this one alone, by their environment variables. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface DeploymentOptions {
  readonly simulator?: Partial<SimulatorOptions>;
  /** A migrated database with MusicBrainz' tables; a new one where not given. It is closed with the deployment. */
  readonly database?: Pick<TestDatabase, 'db' | 'url'>;
  /** Settings by their environment variables. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Durations that a test does not wait for: a simulated archive applies its tasks in a fraction of a second. What is asked
 * again and again costs each test of a deployment CPU for as long as it takes, and is no more frequent than it need be.
 */
const fastSettings = {
  ARCHIVE_CONTACT: 'test@localhost',
  ARCHIVE_REQUESTS_PER_SECOND: '500',
  ARCHIVE_COOL_DOWN_SECONDS: '1',
  MUSICBRAINZ_REQUESTS_PER_SECOND: '500',
  S3_CAA_ACCESS: 'caa',
  S3_CAA_SECRET: 'secret-of-caa',
  S3_EAA_ACCESS: 'eaa',
  S3_EAA_SECRET: 'secret-of-eaa',
  EVENTS_POLL_SECONDS: '0.25',
  EVENTS_ATTEMPT_DELAY_SECONDS: '0.2',
  EVENTS_QUICK_RETRY_SECONDS: '0.1',
  AUDIT_MODE: 'repair',
  AUDIT_PER_HOUR: '360000',
  AUDIT_TICK_SECONDS: '1',
  AUDIT_SETTLE_MINUTES: '0.005',
  AUDIT_QUICK_RETRY_SECONDS: '0.1',
  AUDIT_BREAKER_SHARE: '1',
  HOUSEKEEPING_SECONDS: '10',
};

/** Where nothing is audited. A tick a second would be a sixth of the CPU that such a test takes. */
export const noAudits = { AUDIT_ENABLED: 'false', AUDIT_TICK_SECONDS: '60' } as const;

/** No faults; and should a test set one, a 429 or 503 has everybody wait for a second at most, not for five. */
export const goodDay = (): Faults => ({ ...noFaults(), retryAfterSeconds: 1 });

export async function startDeployment({
  simulator: simulated,
  database,
  settings,
}: DeploymentOptions = {}): Promise<Deployment> {
  const { db, url } = database ?? (await createTestDatabase());
  const simulator = await startSimulator({
    seed: 1,
    musicbrainz: db,
    applySeconds: { min: 0.02, max: 0.1 },
    ...simulated,
    faults: { ...goodDay(), ...simulated?.faults },
  });
  const env = {
    DATABASE_URL: url,
    ...simulatorSettings(simulator),
    ...fastSettings,
    ...settings,
  };
  const config = readConfig({ file: '/dev/null', env });
  const { address, namespace } = await createTestNamespace();
  const connection: TemporalConfig = { connectionOptions: { address }, namespace };
  const bundlePath = await workflowBundlePath();
  const temporal = await openTemporal(connection);
  const workers: RunningWorker[] = [];

  return {
    db,
    simulator,
    temporal,
    environment: { ...env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
    async startWorker({ bundlePath: otherBundle, log, settings: own } = {}) {
      if (otherBundle !== undefined) dontReplay(namespace);
      const worker = await startWorker({
        db,
        config: () => (own === undefined ? config : readConfig({ file: '/dev/null', env: { ...env, ...own } })),
        temporal: connection,
        bundlePath: otherBundle ?? bundlePath,
        ...(log && { log }),
      });
      workers.push(worker);
      return worker;
    },
    async stop() {
      try {
        // While the workers are there still: what they mend automatically is not broken.
        await expectSoundEnd({ db, simulator, temporal });
      } finally {
        for (const worker of workers) worker.shutdown();
        await Promise.all(workers.map(({ ended }) => ended));
        await temporal.connection.close();
        await simulator.close();
        await db.close();
      }
    },
  };
}
