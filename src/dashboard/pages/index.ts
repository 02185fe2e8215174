import { Hono } from 'hono';
import type { DashboardEnv } from '../environment.ts';
import { findRoutes } from './find/routes.ts';

/** Every page and action. One folder a page. */
export function pageRoutes(): Hono<DashboardEnv> {
  const pages = new Hono<DashboardEnv>();
  pages.route('/', findRoutes());
  return pages;
}
