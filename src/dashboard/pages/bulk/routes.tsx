import { Hono } from 'hono';
import { z } from 'zod';
import { type BulkAction, listBulkActions, readBulkAction } from '../../../database/bulk-actions/bulk-action.ts';
import { bulkLineList, type ListFilter } from '../../../database/operators/by-list.ts';
import { bulkRowList } from '../../../database/bulk-actions/list-bulk-rows.ts';
import { entitiesAreNamed, entityTypes, projects } from '../../../domain/entity.ts';
import { bulkStateInWords } from '../../../wording/lists.ts';
import { HandOverFields } from '../../bulk/choose-form.tsx';
import { bulkPageOf, listedKinds } from '../../bulk/kinds.ts';
import { beginListDryRun, confirmDryRun, stopWork, unknownBulkAction, whyItWaits } from '../../bulk/work.ts';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { ActionForm, formFields, formFile, readForm } from '../../forms/action-form.tsx';
import { attributesOf, Choice, FieldProblem, sentOf, wasSent } from '../../forms/fields.tsx';
import { When } from '../../layout/inline.tsx';
import { Page } from '../../layout/page.tsx';
import { download, fileOf, listPages } from '../../lists/downloads.tsx';
import { figures, ListTable } from '../../lists/list-view.tsx';
import { choice, freeText, readListAddress, ticked } from '../../forms/parameters.ts';
import { isOperator } from '../../person.ts';
import { badField } from '../../refusals.ts';
import { BulkActionPage } from './action-page.tsx';
import { isDryRun, readExamples, titleOf } from './outcome-tables.tsx';

const fields = z.object({ note: freeText(2000) });

/** Starts what the dry run showed. Sent twice it starts once. */
async function confirmAction(c: PageContext): Promise<Response> {
  const id = bulkIdOf(c);
  const { note } = await readForm(c, fields);
  await confirmDryRun(c, id, note);
  return c.redirect(`/bulk/${id}`, 303);
}

async function stopAction(c: PageContext): Promise<Response> {
  const id = bulkIdOf(c);
  await stopWork(c, id);
  return c.redirect(`/bulk/${id}`, 303);
}

/** Bulk actions: the latest ones, and each from its dry run to its result. */
export function bulkRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>()
    .get('/bulk', async (c) => {
      const actions = await c.var.read((q) => listBulkActions(q, c.var.parts.config().dashboard.rows));
      return c.html(<BulkListPage c={c} actions={actions} />);
    })
    .get('/bulk/list', (c) => c.html(<ByListPage c={c} />))
    .post('/bulk/list', byListAction)
    .get('/bulk/:id', async (c) => {
      const { action, examples } = await c.var.read(async (q) => {
        const found = await actionOf(c, q);
        return { action: found, examples: await readExamples(q, found) };
      });
      const waits = await whyItWaits(c, action);
      return c.html(<BulkActionPage c={c} action={action} examples={examples} waits={waits} />);
    })
    .get('/bulk/:id/:file{rows\\.(csv|json)}', async (c) => {
      const { filter, after } = readListAddress(c, bulkRowList);
      const { id } = await c.var.read((q) => actionOf(c, q));
      const form = c.req.param('file').endsWith('csv') ? 'csv' : 'json';
      const file = { ...bulkRowList, name: `${bulkRowList.name}-${id}` };
      return download(c, fileOf(form, file), listPages(c, bulkRowList, { ...filter, bulkAction: id }, after));
    })
    .get('/bulk/:id/:file{lines\\.(csv|json)}', async (c) => {
      const { after } = readListAddress(c, bulkLineList);
      const { id } = await c.var.read((q) => actionOf(c, q));
      const form = c.req.param('file').endsWith('csv') ? 'csv' : 'json';
      const file = { ...bulkLineList, name: `${bulkLineList.name}-${id}` };
      return download(c, fileOf(form, file), listPages(c, bulkLineList, { bulkAction: id }, after));
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

/** The bulk action that an address names. @throws {Refusal} 404 */
function bulkIdOf(c: PageContext): string {
  const id = c.req.param('id') ?? '';
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw unknownBulkAction();
  return id;
}

const outcomes = [
  { outcome: 'done', name: 'Done' },
  { outcome: 'skipped', name: 'Skipped' },
  { outcome: 'refused', name: 'Refused' },
] as const;

/** The latest bulk actions, of whatever kind. */
function BulkListPage({ c, actions }: { readonly c: PageContext; readonly actions: readonly BulkAction[] }) {
  return (
    <Page c={c} title="Bulk actions" section="/record" live>
      {isOperator(c.var.person) && (
        <p>
          <a href="/bulk/list">Do something to what a list names…</a>
        </p>
      )}
      {actions.length === 0 ? (
        <p class="message">
          There are none. They begin with a selection in a list of <a href="/events">events</a>,{' '}
          <a href="/entities">entities</a> or <a href="/reviews">reviews</a>.
        </p>
      ) : (
        <ListTable
          caption="The latest bulk actions, the newest first"
          columns={['What', 'State', 'By', 'Begun', ...outcomes.map(({ name }) => figures(name))]}
        >
          {actions.map((action) => (
            <Row action={action} />
          ))}
        </ListTable>
      )}
    </Page>
  );
}

function Row({ action }: { readonly action: BulkAction }) {
  const page = bulkPageOf(action.kind);
  const tally = isDryRun(action) ? action.planned : action.outcome;
  return (
    <tr data-row={action.id}>
      <th scope="row">{page === null ? action.kind : <a href={`/bulk/${action.id}`}>{titleOf(action, page)}</a>}</th>
      <td data-label="State">{bulkStateInWords(action)}</td>
      <td data-label="By">{action.actor ?? action.plannedBy}</td>
      <td data-label="Begun">
        <When at={action.createdAt} />
      </td>
      {outcomes.map(({ outcome, name }) => {
        const words = `${isDryRun(action) ? 'would be ' : ''}${tally[outcome].toLocaleString('en')}`;
        const isListed = page !== null && tally[outcome] > 0;
        return (
          <td class="number" data-label={name}>
            {isListed ? <a href={`/bulk/${action.id}#outcome-${outcome}`}>{words}</a> : words}
          </td>
        );
      })}
    </tr>
  );
}

/** The id of the form. */
const form = 'by-list';

/** Characters; beyond it a form as a whole is too large. */
const longestList = 1_000_000;

const kinds = listedKinds.map(({ kind }) => kind) as [string, ...string[]];
const listFields = z.object({
  what: choice(kinds),
  list: freeText(longestList),
  entity_type: choice(entityTypes),
  all_or_nothing: ticked(),
});

/** Begins the dry run of what is to be done to the entities that a list names, pasted or in a file. */
async function byListAction(c: PageContext): Promise<Response> {
  const { what, list, entity_type: entityType, all_or_nothing: allOrNothing } = await readForm(c, listFields);
  const chosen = listedKinds.find(({ kind }) => kind === what);
  if (chosen === undefined) throw badField('what', `what takes one of ${kinds.join(', ')}; it got nothing`);
  const file = await formFile(c, 'file');
  if ((file === null) === (list === undefined)) {
    throw badField('list', 'list takes an entity a line, where no file is given: one of the two');
  }
  const filter: ListFilter = {
    ...chosen.page.told?.read(c, await formFields(c)),
    list: file?.name.slice(0, 200) ?? 'pasted here',
    ...(entityType && { entityType }),
    ...(allOrNothing && { allOrNothing: true }),
  };
  const content = file === null ? [list!] : [Buffer.from(await file.arrayBuffer())];
  return c.redirect(`/bulk/${await beginListDryRun(c, chosen.kind, filter, content)}`, 303);
}

/** A list of entities, and what is to be done to them. */
function ByListPage({ c }: { readonly c: PageContext }) {
  return (
    <Page c={c} title="By list" section="/entities">
      <p>
        One entity a line: {entitiesAreNamed}; or a line of our own lists, be it text, CSV with its head, or JSON. First
        a dry run says of each line what would become of it.
      </p>
      {!isOperator(c.var.person) && <p class="notice warn">You may see everything and change nothing.</p>}
      <ActionForm c={c} action="/bulk/list" id={form} enctype="multipart/form-data">
        <fieldset>
          <legend>What</legend>
          {listedKinds.map(({ kind, page, words }, n) => (
            <p>
              <Choice c={c} form={form} type="radio" name="what" value={kind} required isFirst={n === 0}>
                {page.verb}
                {page.section === '/reviews' && ' reviews'}
              </Choice>{' '}
              <span class="hint">{words}</span>
            </p>
          ))}
          <FieldProblem c={c} form={form} name="what" />
        </fieldset>
        <HandOverFields c={c} form={form} />
        <label class="field">
          The list
          <textarea name="list" rows={12} maxlength={longestList} spellcheck={false} {...attributesOf(c, form, 'list')}>
            {sentOf(c, form, 'list')?.[0] ?? ''}
          </textarea>
          <FieldProblem c={c} form={form} name="list" />
        </label>
        <label class="field">
          or a file
          <input type="file" name="file" />
        </label>
        <label class="field">
          Entity type
          <select name="entity_type" {...attributesOf(c, form, 'entity_type')}>
            <option value="">any</option>
            {entityTypes.map((type) => (
              <option value={type} selected={wasSent(c, form, 'entity_type', type, false)}>
                {projects[type].many} only
              </option>
            ))}
          </select>
          <FieldProblem c={c} form={form} name="entity_type" />
        </label>
        <Choice c={c} form={form} type="checkbox" name="all_or_nothing" value="1">
          all of it, or nothing
        </Choice>
        <FieldProblem c={c} form={form} name="all_or_nothing" />
        <p>
          <button class="primary">Dry run…</button>
        </p>
      </ActionForm>
    </Page>
  );
}
