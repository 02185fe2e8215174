import { Hono } from 'hono';
import { z } from 'zod';
import { readTimeline } from '../../../database/entity-queries/index.ts';
import type { DashboardEnv } from '../../environment.ts';
import { completeFollowed, readFollowed } from '../../followed-audit/follow-audit.ts';
import { itemAsker } from '../../images/ask-archive.ts';
import { compareImages } from '../../images/compare-images.ts';
import { rowId, runId, textPart } from '../../lists/parameter-kinds.ts';
import { readParameters } from '../../lists/read-parameters.ts';
import { auditAction } from './audit-action.ts';
import { entityOf } from './entity-of.ts';
import { EntityPage } from './entity-page.tsx';
import { ImagesPage } from './images-page.tsx';
import { indexAction } from './index-action.ts';
import { readEntityHead, readEntityPage } from './read-entity-page.ts';
import { TimelinePage } from './timeline-page.tsx';

const parameters = z.object({ before: rowId(), followed: runId(), indexed: rowId() });
const timelineParameters = z.object({ after: textPart() });

/** One entity: all that is known of it, its timeline, and what can be done about it. */
export function entityRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>()
    .get('/entities/:type/:gid', async (c) => {
      const key = entityOf(c);
      const { before, followed, indexed } = readParameters(c, parameters);
      const { facts, read } = await c.var.read(async (q) => ({
        facts: await readEntityPage(q, key, { beforeAudit: before ?? null }),
        read: followed === undefined ? null : await readFollowed(q, key, followed),
      }));
      const shown = followed === undefined ? null : await completeFollowed(c, key, followed, read);
      return c.html(<EntityPage c={c} facts={facts} followed={shown} indexed={indexed ?? null} />);
    })
    .get('/entities/:type/:gid/timeline', async (c) => {
      const key = entityOf(c);
      const { after } = readParameters(c, timelineParameters);
      const limit = c.var.parts.config().dashboard.rows;
      const { facts, timeline } = await c.var.read(async (q) => ({
        facts: await readEntityHead(q, key),
        timeline: await readTimeline(q, key, { limit, before: after ?? null }),
      }));
      return c.html(<TimelinePage c={c} facts={facts} entries={timeline.entries} next={timeline.next} />);
    })
    .get('/entities/:type/:gid/images', async (c) => {
      const key = entityOf(c);
      const ask = itemAsker(c);
      const facts = await c.var.read((q) => readEntityHead(q, key));
      const expected = 'untold' in facts.expected ? null : facts.expected;
      // Outside of the page's transaction, which would be kept open for as long as the archive takes.
      const comparison = await compareImages(c.var.parts.db, key, expected, ask);
      return c.html(<ImagesPage c={c} facts={facts} comparison={comparison} />);
    })
    .post('/entities/:type/:gid/audit', auditAction)
    .post('/entities/:type/:gid/index', indexAction);
}
