import { entityTypes } from '../../../domain/entity.ts';
import { reviewStatuses } from '../../../database/audit-queries/index.ts';
import type { PageContext } from '../../environment.ts';
import { plainWords, SelectField, TextField, TickField } from '../../lists/fields.tsx';
import { checkNames } from '../entities/parameters.ts';

/** What one may ask of the list of reviews. */
export function ReviewFilterForm({ c }: { readonly c: PageContext }) {
  const value = (name: string) => c.req.query(name);
  const group = value('group');
  return (
    <form class="filters" action="/reviews" method="get" id="filters" aria-label="Filter">
      <SelectField
        name="status"
        label="Status"
        value={value('status') ?? 'open'}
        any={null}
        options={plainWords([...reviewStatuses, 'any'])}
      />
      <SelectField
        name="entity_type"
        label="Entity type"
        value={value('entity_type')}
        any="any"
        options={plainWords(entityTypes)}
      />
      <TextField name="mbid" label="MBID or address" value={value('mbid')} wide />
      <SelectField
        name="check"
        label="Check"
        value={value('check')}
        any="any"
        options={checkNames.map((name) => [name, name])}
      />
      <TextField name="reason" label="Text in a reason" value={value('reason')} wide />
      <TextField name="priority" label="Priority" value={value('priority')} hint="100" />
      <TextField name="older" label="Older than" value={value('older')} hint="3d" />
      <TextField name="newer" label="Newer than" value={value('newer')} hint="12h" />
      <TickField name="regressed" label="regressed only" value={value('regressed')} />
      {group && <TextField name="group" label="All reasons alike" value={group} wide />}
      <button>Filter</button>
      <a href="/reviews">No filter</a>
    </form>
  );
}
