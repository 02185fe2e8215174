import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { readOnly } from '../database/read-only.ts';
import { healthOf } from '../monitoring/health.ts';
import { accessOf } from './access/access.ts';
import type { DashboardEnv, DashboardParts } from './environment.ts';
import { explainErrors } from './explain-errors.tsx';
import { onlyOwnForms } from './forms/same-origin.ts';
import { operatorsOnly } from './forms/operators-only.ts';
import { assetRoutes } from './layout/assets.ts';
import { MessagePage } from './layout/message-page.tsx';
import { pageRoutes } from './pages/index.ts';
import { ourHeaders } from './secure-headers.ts';

/** Bytes; a form that selects some thousand rows is a tenth of it. */
const largestForm = 1024 * 1024;

/** The dashboard: its pages and actions, for whoever may see and use them. */
export function createDashboard(parts: DashboardParts): Hono<DashboardEnv> {
  const { db, config } = parts;
  const app = new Hono<DashboardEnv>();
  app.onError(explainErrors);
  app.notFound((c) => c.html(<MessagePage c={c} title="Not found" message="There is no such page." />, 404));
  app.use(ourHeaders(config));
  app.use(async (c, next) => {
    c.set('parts', parts);
    c.set('read', (work) => readOnly(db, config().dashboard.statementSeconds, work));
    await next();
  });
  const access = accessOf(parts);
  app.use(async (c, next) => {
    // What a page shows is for whoever asked for it, and as it is now.
    c.header('cache-control', 'no-store');
    await next();
  });
  app.route('/', access.waysIn);
  // Whether it is alive anybody may know, as its container, which has no login; how it stands, and what of, only who may
  // see the rest.
  const { monitoring } = parts;
  app.get('/healthz', (c) => (monitoring ? monitoring.fetch(c.req.raw) : c.json(healthOf('running'))));
  app.route('/', assetRoutes());
  app.use(access.identify);
  if (monitoring) app.on('GET', ['/readyz', '/metrics'], (c) => monitoring.fetch(c.req.raw));
  app.use(bodyLimit({ maxSize: largestForm }));
  app.use(onlyOwnForms());
  app.route('/', access.waysOut);
  app.on('POST', '*', operatorsOnly());
  app.route('/', pageRoutes(parts));
  return app;
}
