import { Hono } from 'hono';
import { z } from 'zod';
import {
  type OperatorAction,
  type OperatorActionFilter,
  readOperatorActions,
  recentActions,
} from '../../../database/operator-actions/index.ts';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { allPages, download, type DownloadForm } from '../../lists/download.ts';
import { age, rowId, textPart } from '../../lists/parameter-kinds.ts';
import { readParameters } from '../../lists/read-parameters.ts';
import { RecordPage } from './record-page.tsx';

const parameters = z.object({
  actor: textPart(),
  action: textPart(),
  target: textPart(),
  newer: age(),
  after: rowId(),
});

/** What people did, as a page and as files. */
export function recordRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>()
    .get('/record', async (c) => {
      const { after, ...rest } = readParameters(c, parameters);
      const limit = c.var.parts.config().dashboard.rows;
      const [page, actions] = await c.var.read(async (q) => [
        await readOperatorActions(q, filterOf(rest), { limit, after: after ?? null }),
        await recentActions(q),
      ]);
      return c.html(<RecordPage c={c} page={page} actions={actions} />);
    })
    .get('/record.csv', (c) => downloadAll(c, 'csv'))
    .get('/record.json', (c) => downloadAll(c, 'json'));
}

function downloadAll(c: PageContext, kind: 'csv' | 'json'): Promise<Response> {
  const filter = filterOf(readParameters(c, parameters));
  const pages = allPages<OperatorAction, number>((after) =>
    c.var.read((q) => readOperatorActions(q, filter, { limit: 1000, after })),
  );
  return download(c, kind, form, pages);
}

type Asked = z.output<typeof parameters>;

function filterOf({ actor, action, target, newer }: Omit<Asked, 'after'>): OperatorActionFilter {
  return { actor, action, targetPart: target, newerThanSeconds: newer };
}

const form: DownloadForm<OperatorAction> = {
  name: 'operator-record',
  columns: [
    ['id', ({ id }) => id],
    ['at', ({ at }) => at.toISOString()],
    ['actor', ({ actor }) => actor],
    ['action', ({ action }) => action],
    ['target', ({ target }) => target],
    ['before', ({ before }) => asJson(before)],
    ['after', ({ after }) => asJson(after)],
    ['note', ({ note }) => note],
  ],
  json: (action) => action,
};

function asJson(state: unknown): string | null {
  return state === null ? null : JSON.stringify(state);
}
