import { entityTypes } from '../../../../domain/entity.ts';
import { eventActions } from '../../../../domain/indexer-event.ts';
import type { PageContext } from '../../../environment.ts';
import { dismissedChoices, type FilterParameters } from '../parameters.ts';

/** Chooses events. All fields are parameters of the address, so that a list can be kept and shared. */
export function FilterForm({ c, parameters }: { readonly c: PageContext; readonly parameters: FilterParameters }) {
  const { state, alike } = parameters;
  const text = (name: string): string => c.req.query(name) ?? '';
  return (
    <form class="filters" method="get" action="/events" aria-label="Filter">
      {state !== undefined && <input type="hidden" name="state" value={state} />}
      <Choice name="entity_type" label="Entity type" values={entityTypes} chosen={parameters.entity_type} />
      <Choice name="action" label="Action" values={eventActions} chosen={parameters.action} />
      <label>
        Text in a reason
        <input name="reason" type="search" maxlength={200} value={text('reason')} />
      </label>
      <label>
        MBID or address
        <input name="mbid" type="search" value={text('mbid')} />
      </label>
      <label>
        Older than
        <input name="older" size={6} placeholder="3d" value={text('older')} />
      </label>
      <label>
        Newer than
        <input name="newer" size={6} placeholder="12h" value={text('newer')} />
      </label>
      <Choice name="dismissed" label="Dismissed" values={dismissedChoices} chosen={parameters.dismissed} />
      {alike !== undefined && (
        <label>
          Kind of reason
          <input name="alike" value={alike} maxlength={1000} />
        </label>
      )}
      <button>Filter</button>
      <a href={state === undefined ? '/events' : `/events?state=${state}`}>Clear</a>
    </form>
  );
}

function Choice({
  name,
  label,
  values,
  chosen,
}: {
  readonly name: string;
  readonly label: string;
  readonly values: readonly string[];
  readonly chosen: string | undefined;
}) {
  return (
    <label>
      {label}
      <select name={name}>
        <option value="">{name === 'dismissed' ? 'hidden' : 'any'}</option>
        {values
          .filter((value) => value !== 'hidden')
          .map((value) => (
            <option value={value} selected={value === chosen}>
              {value}
            </option>
          ))}
      </select>
    </label>
  );
}
