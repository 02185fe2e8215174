import { describeMessage } from '../../../wording/event-message.ts';
import { shortened } from '../../../wording/shortened.ts';
import { Badge } from '../../layout/badge.tsx';
import { When } from '../../layout/when.tsx';
import type { EntityFacts } from './read-entity-page.ts';

/** The newest indexer events that name an entity. */
export function EventsSection({ facts }: { readonly facts: EntityFacts }) {
  const { events, next } = facts.events;
  return (
    <section aria-labelledby="events">
      <h2 id="events">Indexer events</h2>
      {events.length === 0 ? (
        <p class="none">None that is still in the queue’s table names it.</p>
      ) : (
        <div class="scroll">
          <table>
            <caption>The newest events that name it</caption>
            <thead>
              <tr>
                <th scope="col">Event</th>
                <th scope="col">State</th>
                <th scope="col">Of</th>
                <th scope="col">Created</th>
                <th scope="col" class="number">
                  Attempts
                </th>
                <th scope="col">Last reason</th>
              </tr>
            </thead>
            <tbody>
              {events.map((event) => (
                <tr data-row={`event-${event.id}`}>
                  <td>
                    <a href={`/events/${event.id}`}>
                      {event.action.replace('_', ' ')} {event.id}
                    </a>
                  </td>
                  <td>
                    <Badge of={event.state} />
                    {event.dismissed && ' dismissed'}
                  </td>
                  <td>{describeMessage(event.message)}</td>
                  <td>
                    <When at={event.created} />
                  </td>
                  <td class="number">{event.attempts}</td>
                  <td>{shortened(event.lastReason ?? '', 300)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {next !== null && (
        <p>
          <a href={`/events?state=any&dismissed=shown&mbid=${facts.key.gid}`}>All events that name it</a>
        </p>
      )}
    </section>
  );
}
