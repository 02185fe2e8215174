import type { BulkKind } from '../../database/bulk-actions/index.ts';
import type { Queryable } from '../../database/connection.ts';
import type { SectionPath } from '../layout/navigation.ts';

/** A row of a bulk action as its page names it. */
export interface BulkTarget {
  readonly label: string;
  readonly path: string;
}

/** A kind of bulk action, with how pages speak of it. */
export interface BulkPage {
  readonly kind: BulkKind;
  /** What is done, as a button says it: `Requeue`. */
  readonly verb: string;
  /** And as a result says it: `queued again`. */
  readonly done: string;
  readonly one: string;
  readonly many: string;
  readonly section: SectionPath;
  /** What going along means, where rows may. */
  readonly along?: string;
  /** Whether it is not done without a note. */
  readonly needsNote: boolean;
  /** What the filter chose, in words; ids aside. */
  readonly filterInWords: (filter: unknown) => string;
  /** Names targets; those that are gone may be left out. */
  readonly nameTargets: (q: Queryable, ids: readonly number[]) => Promise<ReadonlyMap<number, BulkTarget>>;
  /** Where a target's own page is. */
  readonly targetPath: (id: number) => string;
}
