import { entityTypes } from '../../../../domain/entity.ts';
import { eventActions } from '../../../../domain/queue/indexer-event.ts';
import type { PageContext } from '../../../environment.ts';
import { fieldOf, plainWords, SelectField, TextField } from '../../../lists/fields.tsx';
import type { FilterParameters } from '../parameters.ts';

/** Chooses events. All fields are parameters of the address, so that a list can be kept and shared. */
export function FilterForm({ c, parameters }: { readonly c: PageContext; readonly parameters: FilterParameters }) {
  const { state, alike } = parameters;
  const field = fieldOf(c);
  return (
    <form class="filters" method="get" action="/events" aria-label="Filter">
      {state !== undefined && <input type="hidden" name="state" value={state} />}
      <SelectField {...field('entity_type', 'Entity type')} options={plainWords(entityTypes)} any="any" />
      <SelectField {...field('action', 'Action')} options={plainWords(eventActions)} any="any" />
      <TextField {...field('reason', 'Text in a reason')} wide />
      <TextField {...field('mbid', 'MBID or address')} wide />
      <TextField {...field('older', 'Older than')} hint="3d" />
      <TextField {...field('newer', 'Newer than')} hint="12h" />
      <SelectField {...field('dismissed', 'Dismissed')} options={plainWords(['only', 'shown'])} any="hidden" />
      {alike !== undefined && <TextField {...field('alike', 'Kind of reason')} wide />}
      <button>Filter</button>
      <a href={state === undefined ? '/events' : `/events?state=${state}`}>Clear</a>
    </form>
  );
}
