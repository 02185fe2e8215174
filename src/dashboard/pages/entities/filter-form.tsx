import { entityTypes } from '../../../domain/entity.ts';
import { auditStatuses } from '../../../database/audit-queries/index.ts';
import { dueCauseNames } from '../../../wording/entity-status.ts';
import type { PageContext } from '../../environment.ts';
import { fieldOf, plainWords, SelectField, TextField, TickField } from '../../lists/fields.tsx';
import { audienceChoices, checkChoices } from './parameters.ts';

/** What one may ask of the list of entities. */
export function EntityFilterForm({ c }: { readonly c: PageContext }) {
  const field = fieldOf(c);
  return (
    <form class="filters" action="/entities" method="get" id="filters" aria-label="Filter">
      <SelectField {...field('status', 'Status')} options={plainWords(auditStatuses)} any="any" />
      <SelectField {...field('entity_type', 'Entity type')} options={plainWords(entityTypes)} any="any" />
      <TextField {...field('mbid', 'MBID or address')} wide />
      <SelectField {...field('check', 'Check found')} options={checkChoices} any="any" />
      <SelectField {...field('audience', 'Who can act')} options={audienceChoices} any="any" />
      <SelectField {...field('due', 'Due')} options={plainWords(['now', 'later'])} any="any" />
      <SelectField {...field('cause', 'Waits because')} options={plainWords(dueCauseNames)} any="any" />
      <TextField {...field('priority', 'Priority')} hint="100" />
      <TextField {...field('older', 'Audited longer ago than')} hint="30d" />
      <TextField {...field('newer', 'Audited since')} hint="12h" />
      <TickField {...field('never', 'never audited')} />
      <button>Filter</button>
      <a href="/entities">No filter</a>
    </form>
  );
}
