import { isLoopbackHost, splitListenAddress } from '../config/listen-address.ts';
import { serveAt } from '../lifetime/serve-at.ts';
import { createDashboard } from './app.tsx';
import { bulkKinds } from './bulk/kinds.ts';
import { startBulkRunner } from './bulk/runner.ts';
import type { DashboardParts } from './environment.ts';

export interface RunningDashboard {
  /** Where it listens, without a slash at its end. */
  readonly url: string;
  /** Answers what was asked already and takes nothing new; after `graceSeconds` the rest is cut. */
  stop(graceSeconds?: number): Promise<void>;
}

/**
 * Serves the dashboard where `[dashboard] listen` says.
 *
 * @throws {Error} where that is beyond loopback and nobody would have to log in
 * @throws {AddressTakenError}
 */
export async function serveDashboard(parts: DashboardParts): Promise<RunningDashboard> {
  const { listen, auth } = parts.config().dashboard;
  if (auth === 'none' && !isLoopbackHost(splitListenAddress(listen).host)) {
    throw new Error(
      `[dashboard] listen is ${listen}, which others can reach, and [dashboard] auth is none: set auth to oauth or ` +
        'proxy, or listen on 127.0.0.1; nothing was started',
    );
  }
  const listening = await serveAt(createDashboard(parts), listen, '[dashboard] listen');
  const bulkRunner = startBulkRunner(parts, bulkKinds);
  return {
    url: `http://${listening.address}`,
    async stop(graceSeconds = 5) {
      await Promise.all([listening.close(graceSeconds), bulkRunner.stop()]);
    },
  };
}
