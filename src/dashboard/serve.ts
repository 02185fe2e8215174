import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { splitListenAddress } from '../config/listen-address.ts';
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
 * @throws {Error} where that is beyond loopback and nobody would have to log in, or where the port is taken
 */
export async function serveDashboard(parts: DashboardParts): Promise<RunningDashboard> {
  const { listen, auth } = parts.config().dashboard;
  const { host, port } = splitListenAddress(listen);
  if (auth === 'none' && !isLoopback(host)) {
    throw new Error(
      `[dashboard] listen is ${listen}, which others can reach, and [dashboard] auth is none: set auth to oauth or ` +
        'proxy, or listen on 127.0.0.1; nothing was started',
    );
  }
  const server = createAdaptorServer({ fetch: createDashboard(parts).fetch });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`[dashboard] listen is ${listen}, and that can’t be had: ${code ?? String(error)}`, {
      cause: error,
    });
  }
  const { port: taken } = server.address() as AddressInfo;
  const bulkRunner = startBulkRunner(parts, bulkKinds);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    async stop(graceSeconds = 5) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ('closeIdleConnections' in server) server.closeIdleConnections();
      const late = setTimeout(
        () => 'closeAllConnections' in server && server.closeAllConnections(),
        graceSeconds * 1000,
      );
      await Promise.all([closed, bulkRunner.stop()]);
      clearTimeout(late);
    },
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
