import { Hono } from 'hono';
import { readRepairModePlan } from '../../../database/pace/index.ts';
import type { DashboardEnv } from '../../environment.ts';
import { PlanPage } from './plan-page.tsx';

/** What repair mode would do, before it is switched to. */
export function planRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>().get('/plan', async (c) => {
    const config = c.var.parts.config();
    const plan = await c.var.read((q) => readRepairModePlan(q, config, config.dashboard.scanRows));
    return c.html(<PlanPage c={c} plan={plan} />);
  });
}
