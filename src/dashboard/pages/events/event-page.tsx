import { type EntityName, readEntityNames } from '../../../database/musicbrainz/entity-kinds.ts';
import { versionOfDecision } from '../../../database/queue/plan-requeue.ts';
import {
  type ActionOnEvent,
  type EventTree,
  readEventActions,
  readEventTree,
  showEvent,
  type ShownEvent,
} from '../../../database/queue/show-event.ts';
import { parseRowId } from '../../../database/row-id.ts';
import { jsonText } from '../../../domain/json-text.ts';
import { queuedByInWords } from '../../../wording/events.ts';
import { nameInWords } from '../../../wording/text.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';
import { NoteField } from '../../forms/fields.tsx';
import { Badge, Reason, TemporalRun, When } from '../../layout/inline.tsx';
import { Page } from '../../layout/page.tsx';
import { Pictured, pictureOfEvent } from '../../layout/thumbnail.tsx';
import { isOperator } from '../../person.ts';
import { notFound } from '../../refusals.ts';
import { Attempts, DependencyTree } from './event-attempts.tsx';
import { entitiesOf, MessageLinks } from './event-table.tsx';

/** The event that an address names. @throws {Refusal} 404 */
export function eventIdOf(c: PageContext): number {
  const text = c.req.param('id') ?? '';
  const id = parseRowId(text);
  if (id === null) throw unknownEvent(text);
  return id;
}

function unknownEvent(id: number | string) {
  return notFound(`There is no event ${id}: its number is wrong, or it was completed and cleaned up.`);
}

/** What a person can do about an event: requeue or dismiss one that has failed. */
function EventActions({
  c,
  event,
  tree,
  seen,
}: {
  readonly c: PageContext;
  readonly event: ShownEvent;
  readonly tree: EventTree;
  /** What is shown of it, so that nothing is done to what has changed since; see `versionOfDecision`. */
  readonly seen: string;
}) {
  const isSpent = event.state === 'queued' && (event.waitsBecause?.includes('requeue it') ?? false);
  if (!isOperator(c.var.person) || event.claim !== null || !(event.state === 'failed' || isSpent)) return null;
  const along = tree.dependents.filter(({ state }) => state === 'failed').length;
  return (
    <ActionForm c={c} action={`/events/${event.id}/requeue`} class="actions" id="event-actions">
      <input type="hidden" name="seen" value={seen} />
      <NoteField c={c} form="event-actions" label="Note for the record (optional)" most={2000} />
      <button class="primary">
        {along === 0 ? 'Requeue' : `Requeue, and ${along}${tree.isCut ? '+' : ''} that failed with it`}
      </button>
      {event.state === 'failed' && event.dismissal === null && (
        <button formaction={`/events/${event.id}/dismiss`}>Dismiss</button>
      )}
    </ActionForm>
  );
}

/** Records of persons' actions that the page shows. */
const shownActions = 50;

/** Everything known of one event. */
export async function eventPage(c: PageContext): Promise<Response> {
  const id = eventIdOf(c);
  const config = c.var.parts.config();
  const facts = await c.var.read(async (q) => {
    const event = await showEvent(q, id, config);
    if (event === null) throw unknownEvent(id);
    const tree = await readEventTree(q, id, config.dashboard.treeEvents);
    const shown = [event, ...tree.ancestors, ...tree.dependents];
    return {
      event,
      tree,
      names: await readEntityNames(
        q,
        shown.flatMap(({ entityType, message }) => entitiesOf(entityType, message)),
      ),
      actions: await readEventActions(q, id, shownActions),
      seen: await versionOfDecision(q, id),
    };
  });
  return c.html(<EventPage c={c} {...facts} />);
}

interface FactsProps {
  readonly c: PageContext;
  readonly event: ShownEvent;
  /** Of the entities of this and its tree's events, by gid. */
  readonly names: ReadonlyMap<string, EntityName>;
}

interface Props extends FactsProps {
  readonly tree: EventTree;
  readonly actions: readonly ActionOnEvent[];
  readonly seen: string;
}

function EventPage({ c, event, tree, names, actions, seen }: Props) {
  return (
    <Page c={c} title={eventTitle(event, names)} section="/events" live>
      <EventFacts c={c} event={event} names={names} />
      <EventActions c={c} event={event} tree={tree} seen={seen} />
      <Attempts c={c} event={event} />
      <DependencyTree event={event} tree={tree} names={names} />
      <h2>Message</h2>
      <pre tabindex={0} aria-label="Message">
        {jsonText(event.message, 2)}
      </pre>
      <DoneByPersons actions={actions} />
    </Page>
  );
}

/** What is done about whom: `Harbour Songs, by The Swells — copy image`. */
function eventTitle({ entityType, action, message, id }: ShownEvent, names: ReadonlyMap<string, EntityName>): string {
  // Of a copy, who receives it.
  const name = names.get(entitiesOf(entityType, message).at(-1)?.gid ?? '');
  return name === undefined ? `Event ${id}` : `${nameInWords(name)} — ${action.replace('_', ' ')}`;
}

/** What persons did to an event. */
function DoneByPersons({ actions }: { readonly actions: readonly ActionOnEvent[] }) {
  if (actions.length === 0) return null;
  return (
    <section aria-labelledby="done-by-persons">
      <h2 id="done-by-persons">Done by persons</h2>
      <ol class="timeline">
        {actions.map(({ at, actor, action, note, outcome, reason, bulkAction }) => (
          <li>
            <When at={at} />: {actor}, {action}
            {bulkAction !== null && (
              <>
                {' '}
                in a <a href={`/bulk/${bulkAction}`}>bulk action</a>
              </>
            )}
            {outcome !== null && outcome !== 'done' && `: ${outcome}${reason === null ? '' : `, ${reason}`}`}
            {note !== null && <> · {note}</>}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** State, what it is about, who queued it, why it waits, who has claimed it. */
function EventFacts({ c, event, names }: FactsProps) {
  const { claim, notBefore, dismissal, waitsBecause, entityType, message } = event;
  const name = names.get(entitiesOf(entityType, message).at(-1)?.gid ?? '') ?? null;
  return (
    <>
      <Pictured c={c} of={pictureOfEvent({ ...event, name })} isHead>
        <p>
          Event {event.id} <Badge of={event.state} /> {dismissal !== null && <Badge of="dismissed" />}{' '}
          <Badge of={event.action} />
        </p>
        <p>
          <MessageLinks entityType={entityType} message={message} names={names} />
        </p>
      </Pictured>
      {waitsBecause !== null && <p class="notice warn">It waits: {waitsBecause}.</p>}
      <dl class="facts">
        <div>
          <dt>Queued by</dt>
          <dd>{queuedByInWords(event)}</dd>
        </div>
        <div>
          <dt>Created</dt>
          <dd>
            <When at={event.created} />
          </dd>
        </div>
        <div>
          <dt>Last changed</dt>
          <dd>
            <When at={event.lastUpdated} />
          </dd>
        </div>
        <div>
          <dt>Attempts</dt>
          <dd>{event.attempts}</dd>
        </div>
        {notBefore !== null && (
          <div>
            <dt>Not due until</dt>
            <dd>
              <When at={notBefore.until} />: <Reason text={notBefore.reason} most={1000} />
            </dd>
          </div>
        )}
        {claim !== null && (
          <div>
            <dt>Claimed</dt>
            <dd>
              of <TemporalRun c={c} workflowId={claim.workflowId} runId={claim.runId} />, since{' '}
              <When at={claim.claimedAt} />
            </dd>
          </div>
        )}
        {dismissal !== null && (
          <div>
            <dt>Dismissed</dt>
            <dd>
              by {dismissal.actor}, <When at={dismissal.at} />
              {dismissal.note !== null && `: ${dismissal.note}`}
            </dd>
          </div>
        )}
      </dl>
    </>
  );
}
