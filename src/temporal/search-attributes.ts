import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { type EntityType, projects } from '../domain/entity.ts';

/** By what audits and events can be searched for in the Temporal UI: exact values. */
export const searchAttributes = {
  /** `release` or `event`. */
  entityType: defineSearchAttributeKey('ArtworkEntityType', 'KEYWORD'),
  /** `caa` or `eaa`. */
  project: defineSearchAttributeKey('ArtworkProject', 'KEYWORD'),
  /** What it came to; set at its end. */
  outcome: defineSearchAttributeKey('ArtworkOutcome', 'KEYWORD'),
  /** `audit`, or an event's action. */
  action: defineSearchAttributeKey('ArtworkAction', 'KEYWORD'),
  /** Whom it is about; a copy is about two. */
  mbid: defineSearchAttributeKey('ArtworkMbid', 'KEYWORD_LIST'),
} as const;

/** What a workflow can be searched for by from its start. */
export function attributesAtStart(about: {
  readonly entityType: EntityType;
  readonly action: string;
  readonly gids: readonly string[];
}): readonly SearchAttributePair[] {
  const { entityType, project, action, mbid } = searchAttributes;
  return [
    { key: entityType, value: about.entityType },
    { key: project, value: projects[about.entityType].name },
    { key: action, value: about.action },
    ...(about.gids.length === 0 ? [] : [{ key: mbid, value: [...about.gids] }]),
  ];
}

/** Of the attributes that the namespace has those that the end of a workflow sets; in every history, so no more of them. */
export function attributesAtEnd(usable: readonly string[]): readonly string[] {
  return usable.filter((name) => name === searchAttributes.outcome.name);
}
