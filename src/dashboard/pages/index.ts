import { Hono } from 'hono';
import type { DashboardEnv, DashboardParts } from '../environment.ts';
import { findRoutes } from './find/routes.ts';
import { overviewRoutes } from './overview/routes.tsx';
import { recordRoutes } from './record/routes.tsx';
import { scheduleRoutes } from './schedule/routes.tsx';

/** Every page and action. One folder a page. */
export function pageRoutes(parts: DashboardParts): Hono<DashboardEnv> {
  const pages = new Hono<DashboardEnv>();
  pages.route('/', overviewRoutes(parts));
  pages.route('/', findRoutes());
  pages.route('/', recordRoutes());
  pages.route('/', scheduleRoutes());
  return pages;
}
