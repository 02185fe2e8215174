import type { TimelineEntry, TimelineKind } from '../../../database/entity-queries/index.ts';
import { shortened } from '../../../wording/shortened.ts';
import { describeMessage } from '../../../wording/event-message.ts';
import { toSeconds } from '../../../wording/moment.ts';
import type { PageContext } from '../../environment.ts';
import { Badge } from '../../layout/badge.tsx';
import { entityPath } from '../../layout/entity-links.tsx';
import { Page } from '../../layout/page.tsx';
import { When } from '../../layout/when.tsx';
import { Pager } from '../../lists/pager.tsx';
import { EntityHead } from './entity-head.tsx';
import { titleOf } from './entity-page.tsx';
import type { EntityFacts } from './read-entity-page.ts';

interface Props {
  readonly c: PageContext;
  readonly facts: Pick<EntityFacts, 'expected' | 'key' | 'name'>;
  readonly entries: readonly TimelineEntry[];
  readonly next: string | null;
}

/** All that happened to an entity, the newest first. */
export function TimelinePage({ c, facts, entries, next }: Props) {
  return (
    <Page c={c} title={titleOf(facts)} section="/entities" live>
      <EntityHead c={c} facts={facts} current="timeline" />
      <h2>Timeline</h2>
      {entries.length === 0 ? (
        <p class="none">Nothing has happened to it yet.</p>
      ) : (
        <ol class="timeline">
          {entries.map((entry) => (
            <li>
              <span class="hint">
                {toSeconds(entry.at)}, <When at={entry.at} />
              </span>
              <br />
              <Entry facts={facts} entry={entry} />
              {entry.text !== null && entry.kind !== 'event' && <p>{shortened(entry.text, 500)}</p>}
            </li>
          ))}
        </ol>
      )}
      <Pager c={c} next={next} />
    </Page>
  );
}

function Entry({ facts, entry }: { readonly facts: Pick<EntityFacts, 'key'>; readonly entry: TimelineEntry }) {
  const { kind, id, word, by } = entry;
  return (
    <>
      <a href={pathOf(facts, entry)}>
        {names[kind]} {id}
      </a>{' '}
      {kind === 'action' ? word : <Badge of={word} />}
      {kind === 'event' && ` ${messageInWords(entry.text)}`}
      {by !== null && ` by ${by}`}
    </>
  );
}

const names: Readonly<Record<TimelineKind, string>> = {
  audit: 'Audit',
  event: 'Queued event',
  attempt: 'Attempt at event',
  event_ended: 'End of event',
  review_opened: 'Opened review',
  review_closed: 'Closed review',
  action: 'Operator action',
};

function pathOf({ key }: Pick<EntityFacts, 'key'>, { kind, id }: TimelineEntry): string {
  switch (kind) {
    case 'audit':
      return `${entityPath(key)}?before=${id + 1}#audit-${id}`;
    case 'event':
    case 'attempt':
    case 'event_ended':
      return `/events/${id}`;
    case 'review_opened':
    case 'review_closed':
      return `/reviews/${id}`;
    case 'action':
      return '/record';
  }
}

function messageInWords(text: string | null): string {
  try {
    return describeMessage(JSON.parse(text ?? 'null'));
  } catch {
    return text ?? '';
  }
}
