import type { ShownEvent } from '../database/queue/show-event.ts';
import type { EventOrigin } from '../domain/decision/delete-guard.ts';
import { jsonText } from '../domain/json-text.ts';
import type { AttemptOutcome } from '../domain/queue/indexer-event.ts';
import { momentInWords } from './time.ts';

/** Who queued an event, where nobody's name is known. */
const eventOrigins: Readonly<Record<EventOrigin, string>> = {
  audit: 'an audit',
  requeued: 'a person, again',
  trigger: 'MusicBrainz, or another writer',
};

/** Who queued an event, by name where a person asked for it. */
export function queuedByInWords({ origin, askedBy }: Pick<ShownEvent, 'askedBy' | 'origin'>): string {
  if (askedBy === null) return eventOrigins[origin];
  const asked = `${askedBy.actor}, ${momentInWords(askedBy.at)}${askedBy.note === null ? '' : `: ${askedBy.note}`}`;
  return origin === 'requeued' ? `${asked}; queued by a person again` : asked;
}

/** How an attempt ended, in a word: `queued` says what became of the event, which is tried again, not of the attempt. */
export function attemptWord(outcome: AttemptOutcome): string {
  return outcome === 'queued' ? 'will_be_retried' : outcome;
}

/** ` image 8000022.png`: the image that a message names; nothing where it names none that can be understood. */
export function imageInWords(message: unknown): string {
  const { artwork_id, suffix } = (message ?? {}) as Readonly<Record<string, unknown>>;
  return typeof artwork_id === 'number' && typeof suffix === 'string' ? ` image ${artwork_id}.${suffix}` : '';
}

/** What a message is about: the entity, and the image; a message that isn't understood as it is. */
export function describeMessage(message: unknown): string {
  const { gid, old_gid, new_gid } = (message ?? {}) as Readonly<Record<string, unknown>>;
  const image = imageInWords(message);
  if (typeof gid === 'string') return `${gid}${image}`;
  if (typeof old_gid === 'string' && typeof new_gid === 'string') return `${old_gid} to ${new_gid}${image}`;
  return jsonText(message);
}
