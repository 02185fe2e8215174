import { entityTypes } from '../../../domain/entity.ts';
import { auditStatuses } from '../../../database/audit-queries/index.ts';
import { dueCauseNames } from '../../../wording/entity-status.ts';
import type { PageContext } from '../../environment.ts';
import { plainWords, SelectField, TextField, TickField } from '../../lists/fields.tsx';
import { checkNames } from './parameters.ts';

/** What one may ask of the list of entities. */
export function EntityFilterForm({ c }: { readonly c: PageContext }) {
  const value = (name: string) => c.req.query(name);
  return (
    <form class="filters" action="/entities" method="get" id="filters">
      <SelectField name="status" label="Status" value={value('status')} any="any" options={plainWords(auditStatuses)} />
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
        label="Check found"
        value={value('check')}
        any="any"
        options={checkNames.map((name) => [name, name])}
      />
      <SelectField
        name="due"
        label="Due"
        value={value('due')}
        any="any"
        options={[
          ['now', 'now'],
          ['later', 'later'],
        ]}
      />
      <SelectField
        name="cause"
        label="Waits because"
        value={value('cause')}
        any="any"
        options={plainWords(dueCauseNames)}
      />
      <TextField name="priority" label="Priority" value={value('priority')} hint="100" />
      <TextField name="older" label="Audited longer ago than" value={value('older')} hint="30d" />
      <TextField name="newer" label="Audited since" value={value('newer')} hint="12h" />
      <TickField name="never" label="never audited" value={value('never')} />
      <button>Filter</button>
      <a href="/entities">No filter</a>
    </form>
  );
}
