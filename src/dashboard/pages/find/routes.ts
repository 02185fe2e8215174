import { Hono } from 'hono';
import { z } from 'zod';
import { resolveNamed } from '../../../database/musicbrainz/entity-kinds.ts';
import type { DashboardEnv } from '../../environment.ts';
import { entityPath } from '../../layout/entity-links.tsx';
import { named } from '../../lists/parameter-kinds.ts';
import { readParameters } from '../../lists/read-parameters.ts';

const parameters = z.object({ q: named() });

/** Leads from a pasted MBID or address to the page of its entity. */
export function findRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>().get('/find', async (c) => {
    const { q: entity } = readParameters(c, parameters);
    if (!entity) return c.redirect('/entities');
    return c.redirect(entityPath(await c.var.read((q) => resolveNamed(q, entity))));
  });
}
