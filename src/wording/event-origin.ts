import type { ShownEvent } from '../database/event-queries/index.ts';
import type { EventOrigin } from '../domain/decision/delete-guard.ts';
import { toSeconds } from './moment.ts';

/** Who queued an event, where nobody's name is known. */
const eventOrigins: Readonly<Record<EventOrigin, string>> = {
  audit: 'an audit',
  requeued: 'a person, again',
  trigger: 'MusicBrainz, or another writer',
};

/** Who queued an event, by name where a person asked for it. */
export function queuedByInWords({ origin, askedBy }: Pick<ShownEvent, 'askedBy' | 'origin'>): string {
  if (askedBy === null) return eventOrigins[origin];
  const asked = `${askedBy.actor}, ${toSeconds(askedBy.at)}${askedBy.note === null ? '' : `: ${askedBy.note}`}`;
  return origin === 'requeued' ? `${asked}; queued by a person again` : asked;
}
