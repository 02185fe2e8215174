import { Hono } from 'hono';
import type { PropsWithChildren } from 'hono/jsx';
import { z } from 'zod';
import { entityList, type ListedEntityRow } from '../../../database/entities/list-entities.ts';
import { countList, readList } from '../../../database/lists/list.ts';
import type { CappedCount, ListPage } from '../../../database/lists/walk.ts';
import { countInWords, nameInWords } from '../../../wording/text.ts';
import { ChooseForm, SelectRow } from '../../bulk/choose-form.tsx';
import { bulkPages, chosenBy } from '../../bulk/kinds.ts';
import { beginBulkAction } from '../../bulk/work.ts';
import { formFields, readForm } from '../../forms/action-form.tsx';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { CheckLink } from '../../layout/finding-view.tsx';
import { Badge, entityPath, When } from '../../layout/inline.tsx';
import { Page } from '../../layout/page.tsx';
import { frontOf, Pictured } from '../../layout/thumbnail.tsx';
import { Downloads, listFile } from '../../lists/downloads.tsx';
import { CountNote, figures, FilterForm, ListTable, Pager, ShortPageNote } from '../../lists/list-view.tsx';
import { isOperator } from '../../person.ts';
import { choice, parametersOf, readListAddress, rowIds } from '../../forms/parameters.ts';
import { badAddress, badField } from '../../refusals.ts';

/** The list of entities, as a page and as files. */
export function entitiesRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>()
    .get('/entities', async (c) => {
      const { filter, after } = readListAddress(c, entityList);
      const { rows: limit, scanRows: look } = c.var.parts.config().dashboard;
      const shown = await c.var.read(async (q) => {
        const page = await readList(q, entityList, filter, { limit, look, after });
        return {
          page,
          count: await countList(q, entityList, filter, look),
        };
      });
      return c.html(<EntitiesPage c={c} {...shown} />);
    })
    .post('/entities/bulk', bulkEntitiesAction)
    .get('/entities.csv', listFile(entityList, 'csv'))
    .get('/entities.json', listFile(entityList, 'json'));
}

const actions = [
  'recheck_entities',
  'prioritise_entities',
  'index_entities',
  'exclude_entities',
  'include_entities',
] as const;

const fields = z.object({ what: choice(actions), scope: choice(['selected', 'matching']), id: rowIds() });

/** Begins the dry run of what is to be done to the selected entities, or, only where that was said, to all that match. */
async function bulkEntitiesAction(c: PageContext): Promise<Response> {
  const { what, scope, id: ids } = await readForm(c, fields);
  if (what === undefined) throw badAddress('what', `what takes one of ${actions.join(', ')}; it got nothing`);
  if (scope === 'matching') return beginBulkAction(c, what, chosenBy(what, await formFields(c)));
  if (ids === undefined) {
    throw badField('scope', 'No entity is selected: select some, or choose everything that the filter matches');
  }
  return beginBulkAction(c, what, { ids });
}

/** From which many entities are audited again, put first, indexed, or left alone. */
function EntityBulkForm({
  c,
  count,
  children,
}: PropsWithChildren<{ readonly c: PageContext; readonly count: CappedCount }>) {
  return (
    <ChooseForm
      c={c}
      action="/entities/bulk"
      legend="With many entities"
      filter={parametersOf(entityList)}
      matching={countInWords(count)}
      buttons={actions.map((what) => (
        <button name="what" value={what}>
          {bulkPages[what].verb}…
        </button>
      ))}
    >
      {children}
    </ChooseForm>
  );
}

interface Props {
  readonly c: PageContext;
  readonly page: ListPage<ListedEntityRow>;
  readonly count: CappedCount;
}

/** The entities that a filter matches. */
function EntitiesPage({ c, page, count }: Props) {
  return (
    <Page c={c} title="Entities" section="/entities" live>
      <FilterForm c={c} list={entityList} action="/entities">
        {isOperator(c.var.person) && (
          <p>
            <a href="/bulk/list">Prioritise, exclude or index what a list names…</a>
          </p>
        )}
        <CountNote count={count} one="entity" many="entities" />
        {page.rows.length > 0 && (
          <EntityBulkForm c={c} count={count}>
            <ListTable
              caption="Entities that are audited"
              columns={['Entity', 'Status', 'Last audit', 'Due', figures('Priority'), 'Found']}
              selects={isOperator(c.var.person) ? 'entities' : null}
            >
              {page.rows.map((entity) => (
                <Row c={c} entity={entity} />
              ))}
            </ListTable>
          </EntityBulkForm>
        )}
        <ShortPageNote page={page} many="entities" />
        <Pager c={c} next={page.next} />
        <Downloads c={c} />
      </FilterForm>
    </Page>
  );
}

function Row({ c, entity }: { readonly c: PageContext; readonly entity: ListedEntityRow }) {
  const { entityType, gid, name, status, lastAuditAt, dueAt, dueCause, priority, checks } = entity;
  return (
    <tr data-row={entity.id}>
      {isOperator(c.var.person) && (
        <td>
          <SelectRow c={c} id={entity.id} name="entity" />
        </td>
      )}
      <td data-label="Entity">
        <Pictured c={c} of={frontOf(entity, name)}>
          <a class={name ? 'title' : 'title gid'} href={entityPath(entity)}>
            {name ? nameInWords(name) : gid}
          </a>
          <span class="kind">
            {entityType}
            {name && (
              <>
                {' '}
                <span class="gid">{gid}</span>
              </>
            )}
          </span>
        </Pictured>
      </td>
      <td data-label="Status">
        <Badge of={status} />
      </td>
      <td data-label="Last audit">
        <When at={lastAuditAt} />
      </td>
      <td data-label="Due">
        {status === 'unchecked' && dueCause !== 'excluded' && (dueAt === null ? 'now' : <When at={dueAt} />)}
        {dueCause !== null && <span class="hint"> {dueCause.replaceAll('_', ' ')}</span>}
      </td>
      <td class="number" data-label="Priority">
        {priority}
      </td>
      <td data-label="Found">
        {checks.map((check, n) => (
          <>
            {n > 0 && ', '}
            <CheckLink check={check} />
          </>
        ))}
      </td>
    </tr>
  );
}
