import { afterEach, beforeAll, beforeEach } from 'vitest';
import { type Clients, type ClientsOptions, openClients } from '../../src/clients/clients.ts';
import { readConfig } from '../../src/config/config.ts';
import type { Database } from '../../src/database/connection.ts';
import type { LoggedRequest } from '../../src/simulator/archive/request-log.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { simulatorSettings } from '../support/simulator-settings.ts';

export const gid = '0b6ad2f4-5c1e-4d8a-9e37-2f4c6a8b0d1e';
export const otherGid = '7d9e1c3b-8a2f-4b6d-a5c4-e8f0a2c4b6d8';
export const item = `mbid-${gid}`;
export const otherItem = `mbid-${otherGid}`;

/** Keys by their environment variables, and what they send. */
export const keys = {
  S3_CAA_ACCESS: 'caa-access',
  S3_CAA_SECRET: 'caa-secret',
  S3_EAA_ACCESS: 'eaa-access',
  S3_EAA_SECRET: 'eaa-secret',
};
export const caaAuthorization = 'LOW caa-access:caa-secret';
export const eaaAuthorization = 'LOW eaa-access:eaa-secret';

/** A file's simulator, with a database for budgets and MusicBrainz' rows; each test begins with a new simulator and empty budgets. */
export interface AtTheSimulator {
  readonly simulator: Simulator;
  readonly db: Database;
  readonly url: string;
  /** Clients as a worker opens them, with settings by their environment variables; `db` where they share a pool. */
  clients(settings?: Readonly<Record<string, string>>, db?: Database, more?: Partial<ClientsOptions>): Clients;
  /** The requests of the test so far, oldest first. */
  requests(): readonly LoggedRequest[];
}

/** To be called once in a test file. Writes are applied when the test calls `archive.settle()`. */
export function atTheSimulator(): AtTheSimulator {
  let database: TestDatabase;
  let simulator: Simulator;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    await database.db.query('truncate artwork_reconciler.budget, artwork_reconciler.slow_down');
    simulator = await startSimulator({ seed: 1, musicbrainz: database.db, applySeconds: { min: 3600, max: 3600 } });
  });
  afterEach(() => simulator.close());
  return {
    get simulator() {
      return simulator;
    },
    get db() {
      return database.db;
    },
    get url() {
      return database.url;
    },
    clients: (settings = {}, db = database.db, more = {}) =>
      clientsOf(db, { ...simulatorSettings(simulator), ...settings }, more),
    requests: () => simulator.requestLog(),
  };
}

/** Clients for any addresses, as a worker opens them. */
export function clientsOf(
  db: Database,
  settings: Readonly<Record<string, string>>,
  more: Partial<ClientsOptions> = {},
): Clients {
  const env = {
    ARCHIVE_CONTACT: 'somebody@example.org',
    ARCHIVE_REQUESTS_PER_SECOND: '1000',
    ARCHIVE_COOL_DOWN_SECONDS: '0.05',
    MUSICBRAINZ_REQUESTS_PER_SECOND: '1000',
    ...keys,
    ...settings,
  };
  return openClients({ db, config: readConfig({ file: '/dev/null', env }), program: 'program/1.2', ...more });
}
