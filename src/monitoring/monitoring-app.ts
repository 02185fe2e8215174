import { isIP } from 'node:net';
import { Hono } from 'hono';
import type { Monitor } from './monitor.ts';

/**
 * The three pages that machines ask for, as an application of its own or to be mounted into another one:
 *
 * - `/healthz`: 200 while this process answers at all. Nothing else is asked, so that a database that is away does not
 *   get a process restarted that waits for it.
 * - `/readyz`: 200 where all that it can't work without is there, else 503; each dependency by its name, with what is
 *   wrong.
 * - `/metrics`: figures, in Prometheus' text form.
 */
export function createMonitoringApp(monitor: Monitor): Hono {
  const app = new Hono();
  app.get('/healthz', (context) => context.json(monitor.health()));
  app.get('/readyz', async (context) => {
    const readiness = await monitor.readiness();
    return context.json(readiness, readiness.ready ? 200 : 503);
  });
  app.get('/metrics', async (context) => {
    const text = await monitor.metrics();
    return context.body(text, 200, { 'content-type': monitor.metricsType });
  });
  return app;
}

/**
 * The same for whoever has no login before it: answers addresses, names without a dot (of this machine, or of a
 * container's network) and the configured ones. A page elsewhere could otherwise let its own name resolve to this
 * address, and read the answers in the browser of somebody inside.
 *
 * @param hosts names with a dot that are answered too, as the configuration has them at the moment
 */
export function createOpenMonitoringApp(monitor: Monitor, hosts: () => readonly string[]): Hono {
  return new Hono()
    .use(async (context, next) => {
      const host = (context.req.header('host') ?? '').replace(/:\d{1,5}$/, '').toLowerCase();
      if (isIP(host.replace(/^\[(.*)\]$/, '$1')) === 0 && host.includes('.') && !hosts().includes(host)) {
        return context.text(`Not answered under this name: [monitoring] hosts does not have it.\n`, 403);
      }
      return next();
    })
    .route('/', createMonitoringApp(monitor));
}
