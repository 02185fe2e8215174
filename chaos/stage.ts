import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../src/database/connection.ts';
import { addEntities } from '../src/database/entities/add-entities.ts';
import { migrateUp } from '../src/database/schema/migrate.ts';
import { installTriggers } from '../src/database/schema/triggers.ts';
import { startWorkerProcess, type WorkerProcess } from '../src/demo/demo.ts';
import { demoConfig } from '../src/demo/surroundings.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/embedded/postgres.ts';
import { startTemporalServer, type TemporalServer } from '../src/embedded/temporal-server.ts';
import type { DriftCase } from '../src/simulator/drift/drift-kind.ts';
import { seedDemo } from '../src/simulator/drift/seed-demo.ts';
import { installMusicbrainzFixture } from '../src/simulator/musicbrainz/seed.ts';
import { type Simulator, startSimulator } from '../src/simulator/simulator.ts';
import { type LosingProxy, startLosingProxy } from '../test/support/losing-proxy.ts';

/** Requests a second that all workers together may make. Low enough to be felt, high enough to get done. */
export const budget = { archive: 12, musicbrainz: 8 } as const;

/** The product on servers of its own that can be ill-treated. */
export interface Stage {
  readonly db: Database;
  /** As MusicBrainz' own programs have it: without time limits. */
  readonly editors: Database;
  readonly simulator: Simulator;
  readonly cases: readonly DriftCase[];
  readonly postgres: Pick<EmbeddedPostgres, 'restart'>;
  readonly workers: readonly WorkerProcess[];
  /** How often a worker ended that nobody had killed; each was restarted, as a supervisor would. */
  readonly endedByThemselves: () => number;
  /** To be called before a worker is killed, so that it isn't counted among those. */
  readonly expectEnd: () => void;
  /** As the workers have them, for whoever audits afterwards. */
  readonly configFile: string;
  readonly temporalAddress: string;
  /** The workers' way to Temporal. */
  readonly temporalProxy: Pick<LosingProxy, 'lose'>;
  /** Kills Temporal's server; a new one that knows nothing takes its place and port after this long. Milliseconds. */
  loseTemporal(away: number): Promise<void>;
}

export interface StageOptions {
  readonly seed: number;
  readonly entities: number;
  readonly workers: number;
  readonly cachesWorkflows: boolean;
  readonly say: (line: string) => void;
}

/** What has to be undone at the end, the last first. */
export type Undo = (undo: () => Promise<unknown>) => void;

export async function setStage(options: StageOptions, undo: Undo): Promise<Stage> {
  const { seed, entities, workers, cachesWorkflows, say } = options;
  const folder = await mkdtemp(join(tmpdir(), 'artwork-reconciler-chaos-'));
  undo(() => rm(folder, { recursive: true, force: true }));
  const postgres = await startEmbeddedPostgres({ settings: { fsync: 'off' } });
  undo(() => postgres.stop());
  let temporal: TemporalServer = await startTemporalServer();
  undo(() => temporal.stop());
  const temporalProxy = await startLosingProxy(temporal.address);
  undo(() => temporalProxy.close());
  const db = openDatabase({ connectionString: postgres.url });
  undo(() => db.close());
  const editors = openDatabase({ connectionString: postgres.url, application_name: 'musicbrainz', unlimited: true });
  undo(() => editors.close());
  await installMusicbrainzFixture(db);
  await migrateUp({ connectionString: postgres.url });
  const simulator = await startSimulator({ seed, musicbrainz: db, applySeconds: { min: 0.1, max: 0.6 } });
  undo(() => simulator.close());
  const cases = await seedDemo(db, simulator.archive, { seed, entities });
  await installTriggers(db);
  await addEntities(
    db,
    cases.map((entity) => ({ ...entity, priority: 100 })),
  );

  const configFile = join(folder, 'config.ini');
  await writeFile(configFile, demoConfig({ databaseUrl: postgres.url, urls: simulator.urls }), { mode: 0o600 });
  const env = {
    TEMPORAL_ADDRESS: temporalProxy.address,
    TEMPORAL_NAMESPACE: 'default',
    ...settings,
    ...(cachesWorkflows ? {} : { NODE_OPTIONS: `--import ${new URL('uncached-workflows.js', import.meta.url).href}` }),
  };
  let expected = 0;
  let byThemselves = 0;
  const started: WorkerProcess[] = [];
  for (let number = 1; number <= workers; number += 1) {
    const worker = await startWorkerProcess({
      configFile,
      logFile: join(folder, `worker-${number}.log`),
      temporaryFolder: folder,
      env,
      onRestart: (how) => {
        if (expected > 0) expected -= 1;
        else byThemselves += 1;
        say(`worker ${number} ended (${how}), and is restarted`);
      },
    });
    undo(() => worker.stop());
    started.push(worker);
  }
  return {
    db,
    editors,
    simulator,
    cases,
    postgres,
    workers: started,
    endedByThemselves: () => byThemselves,
    expectEnd: () => void (expected += 1),
    configFile,
    temporalAddress: temporal.address,
    temporalProxy,
    async loseTemporal(away) {
      const { port } = temporal;
      await temporal.stop();
      await new Promise((resolve) => setTimeout(resolve, away));
      temporal = await startTemporalServer({ port });
    },
  };
}

/** Beside the demo's: what bounds a run in time, and the rates that are checked. */
const settings = {
  ARCHIVE_REQUESTS_PER_SECOND: String(budget.archive),
  MUSICBRAINZ_REQUESTS_PER_SECOND: String(budget.musicbrainz),
  // All five attempts together take longer than any fault that ends automatically.
  EVENTS_ATTEMPT_DELAY_SECONDS: '1.5',
  HOUSEKEEPING_YOUNG_CLAIM_SECONDS: '10',
  AUDIT_MAX_RETURNS: '4',
  // Deletions that wait for a copy look again as often as that, with three requests each: every 2 s, as in the demo, ten of
  // them would take the whole budget, before all that was queued later, those copies too. In operation it is 2 minutes,
  // doubling up to an hour.
  AUDIT_SETTLE_MINUTES: '0.1',
};
