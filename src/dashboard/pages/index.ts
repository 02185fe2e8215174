import { Hono } from 'hono';
import type { DashboardEnv } from '../environment.ts';
import { bulkRoutes } from './bulk/routes.tsx';
import { findRoutes } from './find/routes.ts';
import { recordRoutes } from './record/routes.tsx';
import { scheduleRoutes } from './schedule/routes.tsx';

/** Every page and action. One folder a page. */
export function pageRoutes(): Hono<DashboardEnv> {
  const pages = new Hono<DashboardEnv>();
  pages.route('/', findRoutes());
<<<<<<< HEAD
  pages.route('/', recordRoutes());
  pages.route('/', scheduleRoutes());
=======
  pages.route('/', bulkRoutes());
>>>>>>> 63ff9f0 (Do things to many rows at once, batch by batch)
  return pages;
}
