import type { EventFilter } from '../database/event-queries/index.ts';
import { toSeconds } from './moment.ts';

/** What a filter of failed events chooses, as a sentence may go on: `all failed events of releases …`. */
export function eventFilterInWords(filter: EventFilter): string {
  const { ids, entityType, action, gid, reason, alike, createdBefore, createdAfter, dismissed } = filter;
  if (ids !== undefined)
    return ids.length === 1 ? `event ${ids[0]}` : `${ids.length.toLocaleString('en')} selected events`;
  const parts = [
    entityType && `of ${entityType === 'release' ? 'releases' : 'MusicBrainz events'}`,
    action && `with the action ${action}`,
    gid !== undefined && `that name ${gid}`,
    reason !== undefined && `with “${reason}” in a reason`,
    alike !== undefined && `that failed last for a reason like “${alike}”`,
    createdBefore && `created before ${toSeconds(new Date(createdBefore))}`,
    createdAfter && `created since ${toSeconds(new Date(createdAfter))}`,
    dismissed === 'only' && 'that were dismissed',
    dismissed === 'shown' && 'dismissed ones too',
  ].filter((part) => typeof part === 'string');
  return ['all failed events', ...parts].join(', ').replace(', ', ' ');
}
