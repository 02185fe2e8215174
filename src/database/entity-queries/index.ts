/** Lists of audit entities and what happened to one, for people. Nothing here changes anything. */
export { type EntityFilter } from './entity-filter.ts';
export { countEntities, type ListedEntityRow, listEntities } from './list-entities.ts';
export { readTimeline, type TimelineEntry, type TimelineKind } from './read-timeline.ts';
