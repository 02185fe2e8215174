import { Hono } from 'hono';
import type { DashboardEnv } from '../environment.ts';
import { bulkRoutes } from './bulk/routes.tsx';
import { docsRoutes } from './docs/routes.tsx';
import { entitiesRoutes } from './entities/routes.tsx';
import { entityRoutes } from './entity/routes.tsx';
import { eventRoutes } from './events/routes.tsx';
import { findRoutes } from './find/routes.tsx';
import { findingsRoutes } from './findings/routes.tsx';
import { overviewRoutes } from './overview/overview-page.tsx';
import { planRoutes } from './plan/routes.tsx';
import { recordRoutes } from './record/routes.tsx';
import { reviewRoutes } from './review/routes.tsx';
import { reviewsRoutes } from './reviews/routes.tsx';
import { scheduleRoutes } from './schedule/routes.tsx';

/** Every page and action. One folder a page. */
export function pageRoutes(): Hono<DashboardEnv> {
  const pages = new Hono<DashboardEnv>();
  pages.route('/', overviewRoutes());
  pages.route('/', findRoutes());
  pages.route('/', recordRoutes());
  pages.route('/', scheduleRoutes());
  pages.route('/', planRoutes());
  pages.route('/', entitiesRoutes());
  pages.route('/', entityRoutes());
  pages.route('/', reviewsRoutes());
  pages.route('/', reviewRoutes());
  pages.route('/', findingsRoutes());
  pages.route('/', bulkRoutes());
  pages.route('/', eventRoutes());
  pages.route('/', docsRoutes());
  return pages;
}
