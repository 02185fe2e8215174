import { defineSearchAttributeKey } from '@temporalio/common';

/** By what audits can be searched for in the Temporal UI. Keywords: exact values. */
export const searchAttributes = {
  /** `release` or `event`. */
  entityType: defineSearchAttributeKey('ArtworkEntityType', 'KEYWORD'),
  /** `caa` or `eaa`. */
  project: defineSearchAttributeKey('ArtworkProject', 'KEYWORD'),
  /** What the audit came to; set when it is decided or given back. */
  outcome: defineSearchAttributeKey('ArtworkOutcome', 'KEYWORD'),
} as const;
