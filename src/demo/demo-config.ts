import type { SimulatorUrls } from '../simulator/simulator.ts';

/** What a demo's configuration file is made of. */
export interface DemoSetting {
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
