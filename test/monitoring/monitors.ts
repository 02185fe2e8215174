import { openMonitor, type Monitor, type MonitorSetup } from '../../src/monitoring/monitor.ts';
import { readConfig } from '../../src/config/config.ts';

/** So much is never waited for where all is well. */
const patience = '20';

/** A monitor of a deployment that is where the environment variables say, which keeps nothing that it has read. */
export function monitorOf(
  env: Readonly<Record<string, string>>,
  temporal: { readonly address: string; readonly namespace: string },
  setup: Partial<MonitorSetup> = {},
): Monitor {
  const config = readConfig({
    file: '/dev/null',
    env: { MONITORING_KEEP_SECONDS: '0', MONITORING_TIMEOUT_SECONDS: patience, ...env },
  });
  return openMonitor({
    config: () => config,
    temporal: { connectionOptions: { address: temporal.address }, namespace: temporal.namespace },
    phase: () => 'running',
    ...setup,
  });
}
