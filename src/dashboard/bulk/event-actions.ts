import { dismissInBulk, requeueInBulk } from '../../database/event-states/index.ts';
import { type EventFilter, listEvents } from '../../database/event-queries/index.ts';
import { describeMessage } from '../../wording/event-message.ts';
import { eventFilterInWords } from '../../wording/event-filter.ts';
import type { BulkPage } from './bulk-page.ts';

const events = {
  one: 'event',
  many: 'events',
  section: '/events',
  needsNote: false,
  filterInWords: (filter) => eventFilterInWords(filter as EventFilter),
  targetPath: (id) => `/events/${id}`,
  async nameTargets(q, ids) {
    const { events: found } = await listEvents(q, { ids, dismissed: 'shown' }, { limit: ids.length });
    return new Map(
      found.map(({ id, entityType, action, message }) => [
        id,
        { label: `event ${id}: ${entityType} ${action} ${describeMessage(message)}`, path: `/events/${id}` },
      ]),
    );
  },
} as const satisfies Partial<BulkPage>;

export const requeueEventsPage: BulkPage = {
  ...events,
  kind: requeueInBulk,
  verb: 'Requeue',
  done: 'queued again',
  along: 'failed because of one of them and go along',
};

export const dismissEventsPage: BulkPage = { ...events, kind: dismissInBulk, verb: 'Dismiss', done: 'dismissed' };
