import { z } from 'zod';
import type { ListFilter } from '../../../database/bulk-actions/by-list.ts';
import { entitiesAreNamed, entityTypes, projects } from '../../../domain/entity.ts';
import { listedKinds } from '../../bulk/kinds.ts';
import { beginListDryRun } from '../../bulk/work.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm, formFields, formFile, readForm } from '../../forms/action-form.tsx';
import { HandOverFields } from '../../bulk/hand-over-fields.tsx';
import { attributesOf, FieldProblem, sentOf, wasSent } from '../../forms/fields.tsx';
import { Page } from '../../layout/page.tsx';
import { choice, freeText, ticked } from '../../lists/parameters.ts';
import { isOperator } from '../../person.ts';
import { badField } from '../../refusals.ts';

/** The id of the form. */
const form = 'by-list';

/** Characters; beyond it a form as a whole is too large. */
const longestList = 1_000_000;

const kinds = listedKinds.map(({ kind }) => kind) as [string, ...string[]];
const fields = z.object({
  what: choice(kinds),
  list: freeText(longestList),
  entity_type: choice(entityTypes),
  all_or_nothing: ticked(),
});

/** Begins the dry run of what is to be done to the entities that a list names, pasted or in a file. */
export async function byListAction(c: PageContext): Promise<Response> {
  const { what, list, entity_type: entityType, all_or_nothing: allOrNothing } = await readForm(c, fields);
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
export function ByListPage({ c }: { readonly c: PageContext }) {
  return (
    <Page c={c} title="By list" section="/entities">
      <p>
        One entity a line: {entitiesAreNamed}; or a line of our own lists, be it text, CSV with its head, or JSON. First
        a dry run says of each line what would become of it.
      </p>
      {!isOperator(c.var.person) && <p class="notice warn">You may look at everything and change nothing.</p>}
      <ActionForm c={c} action="/bulk/list" id={form} enctype="multipart/form-data">
        <fieldset>
          <legend>What</legend>
          {listedKinds.map(({ kind, page, words }, n) => (
            <p>
              <label class="inline">
                <input
                  type="radio"
                  name="what"
                  value={kind}
                  checked={wasSent(c, form, 'what', kind, false)}
                  required
                  {...(n === 0 && attributesOf(c, form, 'what'))}
                />{' '}
                {page.verb}
                {page.section === '/reviews' && ' reviews'}
              </label>{' '}
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
        <label class="inline">
          <input
            type="checkbox"
            name="all_or_nothing"
            value="1"
            checked={wasSent(c, form, 'all_or_nothing', '1', false)}
            {...attributesOf(c, form, 'all_or_nothing')}
          />{' '}
          all of it, or nothing
        </label>
        <FieldProblem c={c} form={form} name="all_or_nothing" />
        <p>
          <button class="primary">Dry run…</button>
        </p>
      </ActionForm>
    </Page>
  );
}
