import type { ListedEvent } from '../../../../database/event-queries/index.ts';
import { shortened } from '../../../../wording/shortened.ts';
import { Badge } from '../../../layout/badge.tsx';
import { When } from '../../../layout/when.tsx';
import { MessageLinks } from '../event-entities.tsx';
import type { ShownState } from '../parameters.ts';
import type { EventList } from './page.tsx';

interface Props {
  readonly list: EventList;
  readonly state: ShownState;
  /** Whether rows can be selected. */
  readonly selectable: boolean;
}

/** A page of events, the newest first. */
export function EventTable({ list, state, selectable }: Props) {
  return (
    <div class="scroll">
      <table>
        <caption>{list.events.length} events, the newest first</caption>
        <thead>
          <tr>
            {selectable && (
              <th scope="col">
                <input type="checkbox" data-select-all aria-label="Select all events of this page" />
              </th>
            )}
            <th scope="col">Event</th>
            <th scope="col">State</th>
            <th scope="col">What</th>
            <th scope="col">Created</th>
            <th scope="col" class="number">
              Attempts
            </th>
            <th scope="col">{state === 'queued' ? 'Why it waits' : 'Last reason'}</th>
          </tr>
        </thead>
        <tbody>
          {list.events.map((event) => (
            <Row event={event} waits={list.waits.get(event.id)} selectable={selectable} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({
  event,
  waits,
  selectable,
}: {
  readonly event: ListedEvent;
  readonly waits: string | undefined;
  readonly selectable: boolean;
}) {
  const { id, state, dismissed, entityType, action, message, created, attempts, lastReason } = event;
  return (
    <tr data-row={id}>
      {selectable && (
        <td>
          <input type="checkbox" name="id" value={id} data-select aria-label={`Select event ${id}`} />
        </td>
      )}
      <th scope="row">
        <a href={`/events/${id}`}>{id}</a>
      </th>
      <td>
        <Badge of={state} />
        {dismissed && (
          <>
            {' '}
            <Badge of="dismissed" />
          </>
        )}
      </td>
      <td>
        <Badge of={action} /> <MessageLinks entityType={entityType} message={message} />
      </td>
      <td>
        <When at={created} />
      </td>
      <td class="number">{attempts}</td>
      <td>
        {state === 'queued' && <p class="waits">{waits ?? 'it is due'}</p>}
        {lastReason !== null && shortened(lastReason)}
      </td>
    </tr>
  );
}
