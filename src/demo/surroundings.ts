import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { readConfig } from '../config/config.ts';
import { serveDashboard } from '../dashboard/app.tsx';
import { lazyTemporal } from '../dashboard/temporal.ts';
import { openDatabase } from '../database/connection.ts';
import { startEmbeddedPostgres } from '../embedded/postgres.ts';
import type { SimulatorUrls } from '../simulator/simulator.ts';

/** What a demo's configuration file is made of. */
interface DemoSetting {
  readonly databaseUrl: string;
  readonly urls: SimulatorUrls;
}

/**
 * The demo's configuration file: the product with other settings. Hours become seconds, because a simulated archive
 * applies its tasks within seconds; rates are a machine's of two cores.
 */
export function demoConfig({ databaseUrl, urls }: DemoSetting): string {
  return ini({
    database: { url: databaseUrl },
    musicbrainz: { url: urls.musicbrainz, requests_per_second: 100 },
    s3: {
      url: urls.s3,
      limit_url: urls.limit,
      caa_access: 'demo-caa',
      caa_secret: 'demo',
      eaa_access: 'demo-eaa',
      eaa_secret: 'demo',
    },
    archive: {
      url: urls.archive,
      node_url: urls.node,
      caa_url: urls.caa,
      eaa_url: urls.eaa,
      contact: 'demo@localhost',
      requests_per_second: 100,
      concurrency: 8,
      cool_down_seconds: 2,
    },
    events: {
      poll_seconds: 0.25,
      attempt_delay_seconds: 2,
      quick_retries: 2,
      quick_retry_seconds: 0.25,
      foreign_running_minutes: 0.5,
    },
    audit: {
      mode: 'repair',
      per_hour: 36_000,
      tick_seconds: 1,
      settle_minutes: 0.03,
      max_wait_hours: 0.002,
      max_returns: 2,
      discard_delay_minutes: 0.02,
      quick_retries: 6,
      quick_retry_seconds: 0.25,
      // Seeded drift is of many kinds, but of few entities: half of them would share a finding by chance.
      breaker_share: 1,
    },
    housekeeping: { seconds: 2 },
    dashboard: { listen: '127.0.0.1:0', live_seconds: 2 },
  });
}

function ini(sections: Readonly<Record<string, Readonly<Record<string, number | string>>>>): string {
  return Object.entries(sections)
    .map(([section, keys]) => `[${section}]\n${lines(keys)}`)
    .join('\n');
}

function lines(keys: Readonly<Record<string, number | string>>): string {
  return Object.entries(keys)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join('');
}

interface DemoDashboard {
  readonly url: string;
  stop(): Promise<void>;
}

interface DemoDashboardSetting {
  readonly configFile: string;
  readonly temporal: { readonly address: string; readonly uiUrl: string | null };
}

/** The operators' pages of the demo, on a free port of this machine; a part of the demo's own process. */
export async function startDemoDashboard({ configFile, temporal }: DemoDashboardSetting): Promise<DemoDashboard> {
  const config = readConfig({ file: configFile, env: {} });
  const db = openDatabase(config.database);
  const client = lazyTemporal({ connectionOptions: { address: temporal.address }, namespace: 'default' }, db);
  const dashboard = await serveDashboard({
    db,
    config: () => config,
    temporal: client.open,
    temporalUi: temporal.uiUrl,
    secret: randomBytes(32).toString('base64url'),
    // The demo's own lines would drown in it, and its pages say what went wrong.
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  return {
    url: dashboard.url,
    async stop() {
      await dashboard.stop(0);
      await client.close();
      await db.close();
    },
  };
}

/** A database of the demo's own, gone when it is stopped. */
interface DemoDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * A new, empty database: in an embedded PostgreSQL, or, where `DATABASE_URL` names a server, in that one, beside what
 * else is there.
 */
export async function startDemoDatabase(env: NodeJS.ProcessEnv): Promise<DemoDatabase> {
  const { DATABASE_URL: given } = env;
  if (given === undefined || given === '') {
    // What a crash of the machine would lose is a demo.
    return startEmbeddedPostgres({ settings: { fsync: 'off' } });
  }
  const name = `artwork_reconciler_demo_${process.pid}`;
  await statement(given, `create database ${name}`);
  const url = new URL(given);
  url.pathname = `/${name}`;
  return { url: url.href, stop: () => statement(given, `drop database if exists ${name}`) };
}

async function statement(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
