import { Hono } from 'hono';
import { z } from 'zod';
import { readCheckCounts, readRecentFindings, readStatusMix } from '../../../database/finding-queries/index.ts';
import { catalogue, checksFor, findCheck } from '../../../domain/checks/catalogue.ts';
import { audiences } from '../../../domain/checks/check.ts';
import { resolvePolicies } from '../../../domain/checks/policies.ts';
import type { DashboardEnv } from '../../environment.ts';
import { choice } from '../../lists/parameter-kinds.ts';
import { readParameters } from '../../lists/read-parameters.ts';
import { notFound } from '../../refusals.ts';
import { CheckPage } from './check-page.tsx';
import { FindingsPage } from './list-page.tsx';
import { staffListFile } from './staff-list.ts';

const parameters = z.object({ audience: choice(audiences) });

/** Audits of each half of what is called lately. */
const recentAudits = 1_000;

/** Findings: by check, one check, and the lists for the archive's staff. */
export function findingsRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>()
    .get('/findings', async (c) => {
      const config = c.var.parts.config();
      const { audience } = readParameters(c, parameters);
      const names = audience === undefined ? catalogue.map(({ name }) => name) : checksFor(audience);
      const shown = await c.var.read(async (q) => ({
        counts: await readCheckCounts(q, names, config.dashboard.scanRows),
        recent: await readRecentFindings(q, recentAudits),
      }));
      return c.html(
        <FindingsPage c={c} audience={audience ?? null} {...shown} policies={resolvePolicies(config.policy)} />,
      );
    })
    .get('/findings/lists/:file', staffListFile)
    .get('/findings/:check', async (c) => {
      const entry = findCheck(c.req.param('check'));
      if (entry === null) throw notFound('There is no such check.');
      const config = c.var.parts.config();
      const { scanRows } = config.dashboard;
      const { counts, mix } = await c.var.read(async (q) => ({
        counts: await readCheckCounts(q, [entry.name], scanRows),
        mix: await readStatusMix(q, entry.name, scanRows),
      }));
      const policy = resolvePolicies(config.policy)[entry.name] ?? entry.policies[0];
      const count = counts.get(entry.name) ?? { count: 0, exact: true };
      return c.html(<CheckPage c={c} entry={entry} policy={policy} count={count} mix={mix} />);
    });
}
