import { audienceNames } from '../domain/checks/check.ts';
import type { ReviewListFilter } from '../database/review-queries/index.ts';
import { duration } from './duration.ts';

/** What a filter of reviews chooses, as a sentence may go on: `all open reviews of releases, …`. */
export function reviewFilterInWords(filter: ReviewListFilter): string {
  const { ids, status, entityType, gid, check, audience, text, group, priority, olderThan, newerThan, regressed } =
    filter;
  if (ids !== undefined)
    return ids.length === 1 ? `review ${ids[0]}` : `${ids.length.toLocaleString('en')} selected reviews`;
  const parts = [
    entityType && `of ${entityType === 'release' ? 'releases' : 'MusicBrainz events'}`,
    gid !== undefined && `of ${gid}`,
    check !== undefined && `with a finding of ${check}`,
    audience !== undefined && `for ${audienceNames[audience]}`,
    group !== undefined && `for the reason “${group}”`,
    text !== undefined && `with “${text}” in a reason`,
    priority !== undefined && `of entities of priority ${priority}`,
    olderThan !== undefined && `opened more than ${duration(olderThan / 3600)} ago`,
    newerThan !== undefined && `opened in the last ${duration(newerThan / 3600)}`,
    regressed && 'that came back after they were resolved',
  ].filter((part) => typeof part === 'string');
  return [`all ${status === undefined ? '' : `${status.replace('_', ' ')} `}reviews`, ...parts]
    .join(', ')
    .replace(', ', ' ');
}
