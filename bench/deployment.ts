import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Database, openDatabase } from '../src/database/connection.ts';
import { migrateUp } from '../src/database/schema/migrate.ts';
import { startEmbeddedPostgres } from '../src/embedded/postgres.ts';
import { type ServerProcess, startServerProcess } from '../src/embedded/server-process.ts';
import { startTemporalServer, type TemporalServer } from '../src/embedded/temporal-server.ts';
import { installMusicbrainzFixture } from '../src/simulator/musicbrainz/seed.ts';
import { type Simulator, startSimulator } from '../src/simulator/simulator.ts';
import { simulatorSettings } from '../test/support/simulator-settings.ts';
import { countingSettings, countStatements } from './statements.ts';

/** The product on servers of its own, its rates lifted, for measuring it. */
export interface BenchDeployment {
  readonly db: Database;
  readonly simulator: Simulator;
  readonly temporal: TemporalServer;
  /** Of PostgreSQL's main process. */
  readonly postgresPid: number;
  /** The settings as environment variables, for commands that are measured. */
  readonly env: Readonly<Record<string, string>>;
  /** A worker process as a deployment runs it; `npm run build` first. */
  startWorker(settings?: Readonly<Record<string, string>>): Promise<ServerProcess>;
  /** Node with these arguments, and the settings in its environment; ended with the deployment. */
  startNode(args: readonly string[], settings?: Readonly<Record<string, string>>): Promise<ServerProcess>;
  stop(): Promise<void>;
}

export const executable = resolve(import.meta.dirname, '../bin/artwork-reconciler.js');

/** Above what any of the benches reaches. */
const lifted = '1000000';

/** @param options.counted whether the statements of its workers are counted (statements.ts) */
export async function startBenchDeployment(options: {
  readonly latencyMs: number;
  readonly counted?: boolean;
}): Promise<BenchDeployment> {
  const folder = await mkdtemp(join(tmpdir(), 'artwork-reconciler-bench-'));
  const settings = { fsync: 'off', shared_buffers: '256MB', ...(options.counted && countingSettings) };
  const postgres = await startEmbeddedPostgres({ settings });
  const temporal = await startTemporalServer();
  const db = openDatabase({ connectionString: postgres.url });
  await installMusicbrainzFixture(db);
  await migrateUp({ connectionString: postgres.url });
  const applySeconds = { min: 0.01, max: 0.05 };
  const simulator = await startSimulator({ seed: 1, musicbrainz: db, applySeconds, latencyMs: options.latencyMs });
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '/',
    TEMPORAL_ADDRESS: temporal.address,
    DATABASE_URL: options.counted ? await countStatements(db, postgres.url) : postgres.url,
    ...simulatorSettings(simulator),
    MUSICBRAINZ_REQUESTS_PER_SECOND: lifted,
    S3_CAA_ACCESS: 'caa',
    S3_CAA_SECRET: 'bench',
    S3_EAA_ACCESS: 'eaa',
    S3_EAA_SECRET: 'bench',
    ARCHIVE_CONTACT: 'bench@localhost',
    ARCHIVE_REQUESTS_PER_SECOND: lifted,
    ARCHIVE_CONCURRENCY: '32',
    EVENTS_CONCURRENCY: '16',
    AUDIT_SETTLE_MINUTES: '0',
  };
  const workers: ServerProcess[] = [];
  const startNode: BenchDeployment['startNode'] = async (args, given = {}) => {
    const worker = await startServerProcess({
      command: process.execPath,
      args,
      cwd: folder,
      env: { ...env, ...given },
      logFile: join(folder, 'worker.log'),
      suddenSignal: 'SIGKILL',
      temporaryFolders: [],
    });
    workers.push(worker);
    return worker;
  };
  return {
    db,
    simulator,
    temporal,
    postgresPid: parseInt(await readFile(join(postgres.folder, 'data', 'postmaster.pid'), 'utf8'), 10),
    env,
    startWorker: (given) => startNode([executable, 'worker', '--config', '/dev/null'], given),
    startNode,
    async stop() {
      await Promise.all(workers.map((worker) => worker.end('SIGTERM', 30)));
      await simulator.close();
      await db.close();
      await temporal.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
