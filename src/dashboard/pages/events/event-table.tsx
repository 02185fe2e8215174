import type { EntityName } from '../../../database/musicbrainz/entity-kinds.ts';
import type { CappedCount, ListPage } from '../../../database/lists/walk.ts';
import type { StateCounts } from '../../../database/queue/counts.ts';
import { eventList, type ListedEvent } from '../../../database/queue/list-events.ts';
import { type EntityKey, type EntityType, isMbid } from '../../../domain/entity.ts';
import { describeMessage, imageInWords } from '../../../wording/events.ts';
import type { EventState } from '../../../domain/queue/indexer-event.ts';
import { nameInWords, shortened } from '../../../wording/text.ts';
import { SelectRow } from '../../bulk/choose-form.tsx';
import type { PageContext } from '../../environment.ts';
import { Badge, EntityLink, entityPath, Reason, When } from '../../layout/inline.tsx';
import { Pictured, pictureOfEvent } from '../../layout/thumbnail.tsx';
import { figures, ListTable } from '../../lists/list-view.tsx';

export interface EventList {
  readonly page: ListPage<ListedEvent>;
  readonly states: StateCounts;
  /** How many match; null where that is not counted. */
  readonly matching: CappedCount | null;
  /** Why those that wait do. */
  readonly waits: ReadonlyMap<number, string>;
}

/** The entities that a message names, whatever form it has. */
export function entitiesOf(entityType: EntityType, message: unknown): readonly EntityKey[] {
  const { gid, old_gid, new_gid } = (message ?? {}) as Readonly<Record<string, unknown>>;
  const gids = [gid, old_gid, new_gid].filter((text): text is string => typeof text === 'string' && isMbid(text));
  return [...new Set(gids)].map((each) => ({ entityType, gid: each }));
}

interface MessageLinksProps {
  readonly entityType: EntityType;
  readonly message: unknown;
  /** By gid, as far as they are known. */
  readonly names?: ReadonlyMap<string, EntityName>;
}

/** What a message is about, its entities as links; a message that isn't understood as it is. */
export function MessageLinks({ entityType, message, names }: MessageLinksProps) {
  const entities = entitiesOf(entityType, message);
  if (entities.length === 0) return <code>{shortened(describeMessage(message))}</code>;
  return (
    <>
      {entities.map((entity, position) => (
        <>
          {position > 0 && ' to '}
          <EntityLink entity={entity} name={names?.get(entity.gid)} />
        </>
      ))}
      {` ${shortened(imageInWords(message), 40)}`}
    </>
  );
}

interface Props {
  readonly c: PageContext;
  readonly list: EventList;
  /** The only one of all events; null where there may be others. */
  readonly state: EventState | null;
  /** Whether rows can be selected. */
  readonly selectable: boolean;
}

/** A page of events, the newest first. */
export function EventTable({ c, list, state, selectable }: Props) {
  return (
    <ListTable
      caption={`${list.page.rows.length} events, the newest first`}
      columns={[
        'Event',
        'State',
        'What',
        'Created',
        figures('Attempts'),
        state === 'queued' ? 'Why it waits' : 'Last reason',
      ]}
      selects={selectable ? 'events' : null}
    >
      {list.page.rows.map((event) => (
        <Row c={c} event={event} waits={list.waits.get(event.id)} selectable={selectable} />
      ))}
    </ListTable>
  );
}

/** Whom an event is about, and below it what is done: of a copy, who receives it, and from where. */
function About({ event: { entityType, action, message, name } }: { readonly event: ListedEvent }) {
  const [receiver, from] = [...entitiesOf(entityType, message)].reverse();
  const whom = receiver ?? null;
  return (
    <>
      {whom !== null && (
        <a class={name ? 'title' : 'title gid'} href={entityPath(whom)}>
          {name ? nameInWords(name) : whom.gid}
        </a>
      )}
      <Badge of={action} />{' '}
      {whom === null ? (
        <code>{shortened(describeMessage(message))}</code>
      ) : (
        <span class="kind">
          {shortened(imageInWords(message), 40)} {entityType} <span class="gid">{whom.gid}</span>
          {from !== undefined && (
            <>
              {' from '}
              <a class="gid" href={entityPath(from)}>
                {from.gid}
              </a>
            </>
          )}
        </span>
      )}
    </>
  );
}

function Row({
  c,
  event,
  waits,
  selectable,
}: {
  readonly c: PageContext;
  readonly event: ListedEvent;
  readonly waits: string | undefined;
  readonly selectable: boolean;
}) {
  const { id, state, dismissed, created, attempts, lastReason } = event;
  return (
    <tr data-row={id}>
      {selectable && (
        <td>
          <SelectRow c={c} id={id} name={eventList.one} />
        </td>
      )}
      <th scope="row">
        <a href={`/events/${id}`}>{id}</a>
      </th>
      <td data-label="State">
        <Badge of={state} />
        {dismissed && (
          <>
            {' '}
            <Badge of="dismissed" />
          </>
        )}
      </td>
      <td data-label="What" class="short-mbid">
        <Pictured c={c} of={pictureOfEvent(event)}>
          <About event={event} />
        </Pictured>
      </td>
      <td data-label="Created">
        <When at={created} />
      </td>
      <td class="number" data-label="Attempts">
        {attempts}
      </td>
      <td data-label="Reason">
        {state === 'queued' && <p class="waits">{waits ?? 'it is due'}</p>}
        {lastReason !== null && <Reason text={lastReason} />}
      </td>
    </tr>
  );
}
