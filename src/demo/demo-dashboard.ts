import { randomBytes } from 'node:crypto';
import { readConfig } from '../config/config.ts';
import { lazyTemporal } from '../dashboard/lazy-temporal.ts';
import { serveDashboard } from '../dashboard/serve.ts';
import { openDatabase } from '../database/connection.ts';

export interface DemoDashboard {
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
