import { Hono } from 'hono';
import { countEntities, type ListedEntityRow, listEntities } from '../../../database/entity-queries/index.ts';
import { readEntityNames } from '../../../database/musicbrainz/entity-names.ts';
import type { DashboardEnv } from '../../environment.ts';
import { allPages, download, type DownloadForm } from '../../lists/download.ts';
import { EntitiesPage } from './list-page.tsx';
import { readEntityFilter } from './parameters.ts';

/** Entities that a page of a file has. */
const filePage = 2_000;

/** The list of entities, as a page and as files. */
export function entitiesRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>()
    .get('/entities', async (c) => {
      const { filter, after } = readEntityFilter(c);
      const { rows: limit, scanRows: look } = c.var.parts.config().dashboard;
      const shown = await c.var.read(async (q) => {
        const page = await listEntities(q, filter, { limit, look, after });
        return { page, count: await countEntities(q, filter, look), names: await readEntityNames(q, page.rows) };
      });
      return c.html(<EntitiesPage c={c} {...shown} />);
    })
    .get('/:file{entities\\.(csv|json)}', async (c) => {
      const { filter } = readEntityFilter(c);
      const { scanRows: look } = c.var.parts.config().dashboard;
      const read = (after: string | null) =>
        c.var.read((q) => listEntities(q, filter, { limit: filePage, look, after }));
      return download(c, c.req.param('file').endsWith('csv') ? 'csv' : 'json', file, allPages(read));
    });
}

const file: DownloadForm<ListedEntityRow> = {
  name: 'entities',
  columns: [
    ['entity_type', ({ entityType }) => entityType],
    ['gid', ({ gid }) => gid],
    ['status', ({ status }) => status],
    ['priority', ({ priority }) => priority],
    ['last_audit_at', ({ lastAuditAt }) => lastAuditAt],
    ['due_at', ({ dueAt }) => dueAt],
    ['due_cause', ({ dueCause }) => dueCause],
    ['checks', ({ checks }) => checks.join('; ')],
  ],
  json: ({ entityType, gid, status, priority, lastAuditAt, dueAt, dueCause, checks }) => ({
    entity_type: entityType,
    gid,
    status,
    priority,
    last_audit_at: lastAuditAt,
    due_at: dueAt,
    due_cause: dueCause,
    checks,
  }),
};
