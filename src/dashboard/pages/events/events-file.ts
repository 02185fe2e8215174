import type { ListedEvent } from '../../../database/event-queries/index.ts';
import { eventInJson } from '../../../wording/event-json.ts';
import type { DownloadForm } from '../../lists/download.ts';

/** The list of events as a file. */
export const eventsFile: DownloadForm<ListedEvent> = {
  name: 'events',
  columns: [
    ['id', ({ id }) => id],
    ['state', ({ state }) => state],
    ['dismissed', ({ dismissed }) => dismissed],
    ['entity_type', ({ entityType }) => entityType],
    ['action', ({ action }) => action],
    ['message', ({ message }) => JSON.stringify(message)],
    ['depends_on', ({ dependsOn }) => dependsOn.join(' ')],
    ['created', ({ created }) => created],
    ['attempts', ({ attempts }) => attempts],
    ['last_updated', ({ lastUpdated }) => lastUpdated],
    ['origin', ({ origin }) => origin],
    ['last_reason', ({ lastReason }) => lastReason],
  ],
  json: eventInJson,
};
