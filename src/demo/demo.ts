import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../database/connection.ts';
import { migrateUp } from '../database/schema/migrate.ts';
import { installTriggers } from '../database/schema/triggers.ts';
import { startTemporalServer } from '../embedded/temporal-server.ts';
import type { DriftCase } from '../simulator/drift/drift-kind.ts';
import { seedDemo } from '../simulator/drift/seed-demo.ts';
import { installMusicbrainzFixture } from '../simulator/musicbrainz/fixture.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { demoConfig } from './demo-config.ts';
import { startDemoDashboard } from './demo-dashboard.ts';
import { startDemoDatabase } from './demo-database.ts';
import { type Mishaps, planMishaps } from './mishaps.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

export interface DemoOptions {
  readonly entities: number;
  readonly seed: number;
  readonly faults: boolean;
  /** Told what is going on, in lines. */
  readonly say: (line: string) => void;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Everything of a demo, running. */
export interface Demo {
  readonly db: Database;
  readonly simulator: Simulator;
  /** The entities that were seeded, each with what should become of it. */
  readonly cases: readonly DriftCase[];
  readonly mishaps: Mishaps | null;
  readonly temporal: { readonly address: string; readonly uiUrl: string | null };
  readonly configFile: string;
  /** Of its database, for whoever wants to change a row. */
  readonly databaseUrl: string;
  readonly worker: WorkerProcess;
  readonly dashboardUrl: string;
}

/** What has to be undone at the end, the last first. */
export type Undo = (name: string, undo: () => Promise<void>) => void;

/**
 * Starts the product on a PostgreSQL, a Temporal and a simulated archive of its own, with entities that have drifted.
 * The worker is a process of its own. Whatever was started is handed to `undo`, also where a later part fails.
 */
export async function startDemo(options: DemoOptions, undo: Undo): Promise<Demo> {
  const { say, signal } = options;
  const folder = await mkdtemp(join(tmpdir(), 'artwork-reconciler-demo-'));
  undo('files', () => rm(folder, { recursive: true, force: true }));

  say('Starting PostgreSQL');
  const server = await startDemoDatabase(options.env);
  undo('PostgreSQL', () => server.stop());
  signal.throwIfAborted();

  say("Starting Temporal's dev server");
  const temporal = await startTemporalServer({ ui: true, cli: { log: say } });
  undo('Temporal', () => temporal.stop());
  signal.throwIfAborted();

  const db = openDatabase({ connectionString: server.url });
  undo('connections', () => db.close());
  await installMusicbrainzFixture(db);
  await migrateUp({ connectionString: server.url });
  const simulator = await startSimulator({ seed: options.seed, musicbrainz: db, applySeconds });
  undo('simulator', () => simulator.close());
  const cases = await seedDemo(db, simulator.archive, options);
  say(`Seeded ${cases.length} entities in MusicBrainz and the archive (seed ${options.seed})`);
  // From here on a change of MusicBrainz' rows is carried out. Before, it would have queued what was seeded as drift.
  await installTriggers(db);
  const mishaps = options.faults ? planMishaps(cases) : null;
  Object.assign(simulator.faults, mishaps?.faults);

  const configFile = join(folder, 'config.ini');
  await writeFile(configFile, demoConfig({ databaseUrl: server.url, urls: simulator.urls }), { mode: 0o600 });
  const worker = await startWorkerProcess({
    configFile,
    logFile: join(folder, 'worker.log'),
    temporaryFolder: folder,
    env: workerEnvironment(options.env, temporal.address),
    onRestart: (how) => say(`The worker ended (${how}); another one takes over`),
  });
  undo('worker', () => worker.stop());
  const dashboard = await startDemoDashboard({ configFile, temporal });
  undo('dashboard', () => dashboard.stop());
  return {
    db,
    simulator,
    cases,
    mishaps,
    temporal,
    configFile,
    databaseUrl: server.url,
    worker,
    dashboardUrl: dashboard.url,
  };
}

/** Seconds that the simulated archive takes to apply what was written: the real one takes minutes. */
const applySeconds = { min: 0.2, max: 1 };

/** The worker reads the demo's file; a setting in this process' environment would go before it. */
function workerEnvironment(env: NodeJS.ProcessEnv, address: string): Record<string, string> {
  const kept = Object.entries(env).filter(([name]) => /^(PATH|HOME|LANG|LC_\w+|TMPDIR|DEBUG|NODE_\w+)$/.test(name));
  const own: Record<string, string> = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'default' };
  for (const [name, value] of kept) if (value !== undefined) own[name] = value;
  return own;
}
