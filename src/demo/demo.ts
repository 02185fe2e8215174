import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../config/config.ts';
import { type Database, openDatabase, type Queryable } from '../database/connection.ts';
import { migrateUp } from '../database/schema/migrate.ts';
import { installTriggers } from '../database/schema/triggers.ts';
import { itemName } from '../domain/documents/file-names.ts';
import { type ServerProcess, startServerProcess } from '../embedded/server-process.ts';
import { startTemporalServer } from '../embedded/temporal-server.ts';
import { type Faults, unpleasantFaults } from '../simulator/archive/faults.ts';
import type { DriftCase } from '../simulator/drift/drift-kind.ts';
import { seedDemo } from '../simulator/drift/seed-demo.ts';
import { installMusicbrainzFixture } from '../simulator/musicbrainz/seed.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { type Past, writePast } from './past.ts';
import { demoConfig, startDemoDashboard, startDemoDatabase } from './surroundings.ts';

/**
 * What stops everybody for five seconds or more, which is the least that a Retry-After is obeyed: as often as on a bad
 * day it would take most of a demo's time.
 */
const rarerPauses: Partial<Faults> = { wsUnavailable: 0.01, serviceUnavailable: 0.005, slowDownSeconds: 2 };

/** What goes wrong in a demo with `--faults`, beside what the archive does by chance. */
interface Mishaps {
  readonly faults: Partial<Faults>;
  /** Says which entities were chosen for what. */
  readonly lines: readonly string[];
  /** To be called again and again: deletes the row of a queued event, once, as an operator's SQL might. */
  meddle(db: Queryable): Promise<string | null>;
}

/**
 * Chooses among the entities that need repairs: the first event of one is refused for a whole attempt, the item of
 * another never settles after it was written to, and of a third a queued event's row vanishes.
 */
function planMishaps(cases: readonly DriftCase[]): Mishaps {
  const [refused, stuck, robbed] = cases.filter(({ outcome }) => outcome === 'repaired');
  let vanished = robbed === undefined;
  return {
    faults: {
      ...unpleasantFaults(),
      ...rarerPauses,
      ...(refused && { accessDenied: { items: [itemName(refused.gid)], next: 1 } }),
      ...(stuck && { taskStuck: [itemName(stuck.gid)] }),
    },
    lines: [
      ...(refused ? [`${refused.entityType} ${refused.gid}: its first event is refused, and uses up an attempt`] : []),
      ...(stuck ? [`${stuck.entityType} ${stuck.gid}: the archive never applies what is written to it`] : []),
      ...(robbed ? [`${robbed.entityType} ${robbed.gid}: the row of a queued event vanishes`] : []),
    ],
    async meddle(db) {
      if (vanished || robbed === undefined) return null;
      const { rows } = await db.query<{ id: number }>(
        `delete from artwork_indexer.event_queue
         where id = (select id from artwork_indexer.event_queue
                     where state = 'queued' and message->>'gid' = $1 order by id desc limit 1 for update skip locked)
         returning id`,
        [robbed.gid],
      );
      if (rows[0] === undefined) return null;
      vanished = true;
      return `event ${rows[0].id} of ${robbed.gid} was queued, and its row is gone`;
    },
  };
}

interface WorkerProcessOptions {
  readonly configFile: string;
  readonly logFile: string;
  /** Deleted where this process is killed and can't do it any more. */
  readonly temporaryFolder: string;
  /** All of its environment: a setting of this process' own would go before the file. */
  readonly env: Readonly<Record<string, string>>;
  /** Told when a worker ended without having been asked to; another one is started. */
  readonly onRestart: (how: string) => void;
}

export interface WorkerProcess {
  readonly pid: () => number;
  /** Asks it to finish what is in progress, as a deployment does, and waits for its end. */
  stop(): Promise<void>;
}

const executable = fileURLToPath(new URL('../../bin/artwork-reconciler.js', import.meta.url));

/** A worker stops within 25 s; past this it hangs. */
const stopSeconds = 30;

/** Runs `artwork-reconciler worker` as a process of its own and, as a supervisor would, another one where it dies. */
export async function startWorkerProcess(options: WorkerProcessOptions): Promise<WorkerProcess> {
  let stopping = false;
  let worker = await start();

  async function start(): Promise<ServerProcess> {
    const started = await startServerProcess({
      command: process.execPath,
      args: [executable, 'worker', '--config', options.configFile],
      cwd: process.cwd(),
      env: options.env,
      logFile: options.logFile,
      suddenSignal: 'SIGKILL',
      temporaryFolders: [options.temporaryFolder],
    });
    void started.exit.then(async (how) => {
      if (stopping) return;
      options.onRestart(how);
      worker = await start();
    });
    return started;
  }

  return {
    pid: () => worker.pid,
    async stop() {
      stopping = true;
      await worker.end('SIGTERM', stopSeconds);
    },
  };
}

interface DemoOptions {
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
  readonly past: Past;
  readonly temporal: { readonly address: string; readonly uiUrl: string | null };
  readonly configFile: string;
  /** Of its database, for whoever wants to change a row. */
  readonly databaseUrl: string;
  readonly worker: WorkerProcess;
  readonly dashboardUrl: string;
}

/** What has to be undone at the end, the last first. */
type Undo = (name: string, undo: () => Promise<void>) => void;

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
  const config = readConfig({ file: configFile, env: {} });
  const past = await writePast(db, { seed: options.seed, cases, config });
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
    past,
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
