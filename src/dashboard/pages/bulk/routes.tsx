import { Hono } from 'hono';
import { z } from 'zod';
import {
  type BulkAction,
  listBulkActions,
  listBulkRows,
  readBulkAction,
} from '../../../database/bulk-actions/index.ts';
import { bulkPageOf } from '../../bulk/kinds.ts';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { allPages, download } from '../../lists/download.ts';
import { choice } from '../../lists/parameter-kinds.ts';
import { readParameters } from '../../lists/read-parameters.ts';
import { bulkIdOf, unknownBulkAction } from './bulk-id.ts';
import { BulkActionPage } from './action-page.tsx';
import { BulkListPage } from './list-page.tsx';
import { confirmAction, stopAction } from './confirm-action.ts';
import { outcomes, rowsFile } from './rows-file.ts';
import { readExamples } from './examples.ts';

const rowParameters = z.object({ outcome: choice(outcomes), planned: choice(outcomes) });

/** Rows that a page of a download has. */
const filePage = 2000;

/** Bulk actions: the latest ones, and each from its dry run to its result. */
export function bulkRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>()
    .get('/bulk', async (c) => {
      const actions = await c.var.read((q) => listBulkActions(q, c.var.parts.config().dashboard.rows));
      return c.html(<BulkListPage c={c} actions={actions} />);
    })
    .get('/bulk/:id', async (c) => {
      const { action, examples } = await c.var.read(async (q) => {
        const found = await actionOf(c, q);
        return { action: found, examples: await readExamples(q, found) };
      });
      return c.html(<BulkActionPage c={c} action={action} examples={examples} />);
    })
    .get('/bulk/:id/:file{rows\\.(csv|json)}', async (c) => {
      const { outcome, planned } = readParameters(c, rowParameters);
      const { id } = await c.var.read((q) => actionOf(c, q));
      const fate =
        outcome !== undefined
          ? ({ of: 'outcome', is: outcome } as const)
          : planned !== undefined
            ? ({ of: 'planned', is: planned } as const)
            : undefined;
      const read = (after: number | null) =>
        c.var.read((q) => listBulkRows(q, id, { limit: filePage, after, ...(fate && { fate }) }));
      const kind = c.req.param('file').endsWith('csv') ? 'csv' : 'json';
      return download(c, kind, { ...rowsFile, name: `bulk-action-${id}` }, allPages(read));
    })
    .post('/bulk/:id/confirm', confirmAction)
    .post('/bulk/:id/stop', stopAction);
}

/** @throws {Refusal} 404 */
async function actionOf(c: PageContext, q: Parameters<typeof readBulkAction>[0]): Promise<BulkAction> {
  const action = await readBulkAction(q, bulkIdOf(c));
  if (action === null || bulkPageOf(action.kind) === null) throw unknownBulkAction();
  return action;
}
