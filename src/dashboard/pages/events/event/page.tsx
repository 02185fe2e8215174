import {
  type ActionOnEvent,
  type EventTree,
  readEventActions,
  readEventTree,
  showEvent,
  type ShownEvent,
} from '../../../../database/event-queries/index.ts';
import { versionOfDecision } from '../../../../database/event-states/index.ts';
import type { PageContext } from '../../../environment.ts';
import { Page } from '../../../layout/page.tsx';
import { eventIdOf, unknownEvent } from '../event-id.ts';
import { EventActions } from './actions.tsx';
import { Attempts } from './attempts.tsx';
import { EventFacts } from './facts.tsx';
import { DependencyTree } from './tree.tsx';
import { DoneByPersons } from './done-by-persons.tsx';

/** Records of persons' actions that the page shows. */
const shownActions = 50;

/** Everything known of one event. */
export async function eventPage(c: PageContext): Promise<Response> {
  const id = eventIdOf(c);
  const config = c.var.parts.config();
  const [event, tree, actions, seen] = await c.var.read(async (q) => [
    await showEvent(q, id, config),
    await readEventTree(q, id, config.dashboard.treeEvents),
    await readEventActions(q, id, shownActions),
    await versionOfDecision(q, id),
  ]);
  if (event === null) throw unknownEvent(id);
  return c.html(<EventPage c={c} event={event} tree={tree} actions={actions} seen={seen} />);
}

interface Props {
  readonly c: PageContext;
  readonly event: ShownEvent;
  readonly tree: EventTree;
  readonly actions: readonly ActionOnEvent[];
  readonly seen: string;
}

function EventPage({ c, event, tree, actions, seen }: Props) {
  return (
    <Page c={c} title={`Event ${event.id}`} section="/events" live>
      <EventFacts c={c} event={event} />
      <EventActions c={c} event={event} tree={tree} seen={seen} />
      <h2>Message</h2>
      <pre tabindex={0} aria-label="Message">
        {JSON.stringify(event.message, null, 2)}
      </pre>
      <DependencyTree event={event} tree={tree} />
      <Attempts c={c} event={event} />
      <DoneByPersons actions={actions} />
    </Page>
  );
}
