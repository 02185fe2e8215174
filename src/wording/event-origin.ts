import type { EventOrigin } from '../domain/delete-guard.ts';

/** Who queued an event, in words. */
export const eventOrigins: Readonly<Record<EventOrigin, string>> = {
  audit: 'an audit',
  requeued: 'a person, again',
  trigger: 'MusicBrainz, or another writer',
};
