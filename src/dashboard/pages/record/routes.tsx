import { Hono } from 'hono';
import { readList } from '../../../database/lists/list.ts';
import {
  type OperatorAction,
  operatorActionList,
  recentActions,
} from '../../../database/bulk-actions/operator-actions.ts';
import type { ListPage } from '../../../database/lists/walk.ts';
import { parseRowId } from '../../../database/row-id.ts';
import { beginUndo } from '../../bulk/work.ts';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { Page } from '../../layout/page.tsx';
import { Downloads, listFile } from '../../lists/downloads.tsx';
import { FilterForm, Pager } from '../../lists/list-view.tsx';
import { readListAddress } from '../../forms/parameters.ts';
import { notFound } from '../../refusals.ts';
import { OperatorActions } from './operator-actions.tsx';

/** What people did, as a page and as files. */
export function recordRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>()
    .get('/record', async (c) => {
      const { filter, after } = readListAddress(c, operatorActionList);
      const { rows: limit, scanRows: look } = c.var.parts.config().dashboard;
      const [page, actions] = await c.var.read(async (q) => [
        await readList(q, operatorActionList, filter, { limit, look, after }),
        await recentActions(q),
      ]);
      return c.html(<RecordPage c={c} page={page} actions={actions} />);
    })
    .post('/record/:id{\\d{1,19}}/undo', async (c) => {
      const id = parseRowId(c.req.param('id'));
      if (id === null) throw notFound(`There is no action ${c.req.param('id')}.`);
      return c.redirect(`/bulk/${await beginUndo(c, id)}`, 303);
    })
    .get('/record.csv', listFile(operatorActionList, 'csv'))
    .get('/record.json', listFile(operatorActionList, 'json'));
}

interface RecordPageProps {
  readonly c: PageContext;
  readonly page: ListPage<OperatorAction>;
  /** What there is to choose from. */
  readonly actions: readonly string[];
}

/** Who did what, when, on what, what it was before and after, and why. */
function RecordPage({ c, page, actions }: RecordPageProps) {
  return (
    <Page c={c} title="Operator record" section="/record">
      <FilterForm c={c} list={operatorActionList} action="/record" known={{ action: actions }}>
        {page.rows.length === 0 ? (
          <p class="message">
            {page.next === null ? 'Nothing that matches is recorded.' : 'None of the newest; older ones may match.'}
          </p>
        ) : (
          <OperatorActions c={c} actions={page.rows} caption="What people did, newest first" />
        )}
        <Pager c={c} next={page.next} />
        <Downloads c={c} />
      </FilterForm>
    </Page>
  );
}
