import type { z } from 'zod';
import type { StateNow } from '../../database/bulk-actions/list-bulk-rows.ts';
import type { Queryable } from '../../database/connection.ts';
import type { Choosable } from '../../database/lists/fields.ts';
import type { SectionPath } from '../layout/page.tsx';
import type { Picture } from '../layout/thumbnail.tsx';
import type { PageContext } from '../environment.ts';

/** A row of a bulk action as its page names it. */
export interface BulkTarget {
  readonly title: string;
  /** Its own page, where its number doesn't tell it. */
  readonly path?: string;
  /** What tells it from others of that title. */
  readonly detail: string;
  readonly picture: Picture | null;
  /** As it is now. */
  readonly state: string;
}

/** How pages speak of a kind of bulk action. */
export interface BulkPage {
  /** What is done, as a button says it: `Requeue`. */
  readonly verb: string;
  /** And as a result says it: `queued again`. */
  readonly done: string;
  readonly one: string;
  readonly many: string;
  readonly section: SectionPath;
  /** The list from which its rows are chosen. */
  readonly list: Choosable;
  /**
   * What everything that a filter matches is, as the kind's `choose` reads it; null where its rows are chosen otherwise.
   *
   * @param texts the filter's parameters
   * @throws {Refusal} 400
   */
  readonly selectionOf: ((texts: ReadonlyMap<string, readonly string[]>) => object) | null;
  /** What it receives besides its rows: fields of forms, and of the API's body. */
  readonly told?: {
    readonly shape: z.ZodRawShape;
    /** What is kept of it with what chooses the rows. @throws {Refusal} 400 */
    readonly read: (c: PageContext, texts: ReadonlyMap<string, readonly string[]>) => object;
  };
  /** What going along means, where rows may. */
  readonly along?: string;
  /** Whether it is not done without a note. */
  readonly needsNote: boolean;
  /** What the filter chose, in words; ids aside. */
  readonly filterInWords: (filter: unknown) => string;
  /** Names targets; those that are gone may be left out. */
  readonly nameTargets: (q: Queryable, ids: readonly number[]) => Promise<ReadonlyMap<number, BulkTarget>>;
  /** What a form by list says of it, and what becomes of whose it is; without it, a list is not offered. */
  readonly byList?: string;
  /** In which states the rows that were done are now. */
  readonly statesNow: (q: Queryable, bulkAction: string) => Promise<readonly StateNow[]>;
  /** The list of those in one of these states. */
  readonly nowPath: (bulkAction: string, state: string) => string;
  /** Where a target's own page is. */
  readonly targetPath: (id: number) => string;
}
