import type { EntityType } from './entity.ts';
import type { EventOrder } from './queue/indexer-event.ts';

/** An event that a decision queues. */
export type Repair = EventOrder & {
  readonly entityType: EntityType;
  /** Indexes into the decision's list of repairs, each smaller than this repair's own. */
  readonly dependsOn: readonly number[];
};
