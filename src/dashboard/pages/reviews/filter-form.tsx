import { entityTypes } from '../../../domain/entity.ts';
import { reviewStatuses } from '../../../database/audit-queries/index.ts';
import type { PageContext } from '../../environment.ts';
import { fieldOf, plainWords, SelectField, TextField, TickField } from '../../lists/fields.tsx';
import { audienceChoices, checkChoices } from '../entities/parameters.ts';

/** What one may ask of the list of reviews: the open ones, unless told otherwise. */
export function ReviewFilterForm({ c }: { readonly c: PageContext }) {
  const field = fieldOf(c);
  const status = field('status', 'Status');
  const group = field('group', 'All reasons alike');
  return (
    <form class="filters" action="/reviews" method="get" id="filters" aria-label="Filter">
      <SelectField
        {...status}
        value={status.value ?? 'open'}
        options={plainWords([...reviewStatuses, 'any'])}
        any={null}
      />
      <SelectField {...field('entity_type', 'Entity type')} options={plainWords(entityTypes)} any="any" />
      <TextField {...field('mbid', 'MBID or address')} wide />
      <SelectField {...field('check', 'Check')} options={checkChoices} any="any" />
      <SelectField {...field('audience', 'Who can act')} options={audienceChoices} any="any" />
      <TextField {...field('reason', 'Text in a reason')} wide />
      <TextField {...field('priority', 'Priority')} hint="100" />
      <TextField {...field('older', 'Older than')} hint="3d" />
      <TextField {...field('newer', 'Newer than')} hint="12h" />
      <TickField {...field('regressed', 'regressed only')} />
      {group.value && <TextField {...group} wide />}
      <button>Filter</button>
      <a href="/reviews">No filter</a>
    </form>
  );
}
