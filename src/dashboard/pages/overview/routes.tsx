import { Hono } from 'hono';
import { z } from 'zod';
import type { DashboardEnv, DashboardParts } from '../../environment.ts';
import { choice } from '../../lists/parameter-kinds.ts';
import { readParameters } from '../../lists/read-parameters.ts';
import { OverviewPage } from './overview-page.tsx';
import { keepStanding, readOverview } from './read-overview.ts';

const parameters = z.object({ period: choice(['day', 'week']) });

/** The first page. */
export function overviewRoutes(parts: DashboardParts): Hono<DashboardEnv> {
  const kept = keepStanding(parts);
  return new Hono<DashboardEnv>().get('/', async (c) => {
    const { period = 'day' } = readParameters(c, parameters);
    return c.html(<OverviewPage c={c} overview={await readOverview(c, kept, period === 'day' ? 24 : 168)} />);
  });
}
