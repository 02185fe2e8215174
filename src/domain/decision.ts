import type { Finding } from './finding.ts';
import type { Repair } from './repair.ts';

/** What an audit comes to. `not_now` is no status: the entity is given back. */
export type Outcome = 'clean' | 'legacy' | 'manual_review' | 'not_now' | 'repair_queue';

/** The decision about one entity, which goes through Temporal's history and into the database as it is. */
export interface Decision {
  readonly decision: Outcome;
  /** Why it could not be decided now; null for every other outcome. */
  readonly reason: string | null;
  readonly findings: readonly Finding[];
  /** In dependency order; empty for every outcome but `repair_queue`. */
  readonly repairs: readonly Repair[];
  /** One line a reason, all of them; empty for every outcome but `manual_review`. */
  readonly reviewReasons: readonly string[];
}
