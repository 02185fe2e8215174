import type { Transaction } from '../database/connection.ts';
import { countOnce } from '../database/feeding-steps.ts';
import { backfillMusicbrainzBatch } from '../database/musicbrainz/backfill-batch.ts';
import { backfillOrphansBatch, orphanTables } from '../database/musicbrainz/backfill-orphans.ts';
import { backfillShare } from '../database/musicbrainz/backfill-share.ts';
import { entityTypes } from '../domain/entity.ts';
import type { Dependencies } from './dependencies.ts';
import { currentStep } from './run.ts';

/** `musicbrainz`: entities that have art, or had it. `redirects`: MBIDs that were merged or deleted. */
export const backfillSources = ['musicbrainz', 'redirects'] as const;
export type BackfillSource = (typeof backfillSources)[number];

export interface BackfillInput {
  readonly source: BackfillSource;
  /** Counts what would be added, and adds nothing. */
  readonly dryRun: boolean;
}

/** Where a backfill goes on: which table of its source, and after which key. */
export interface BackfillCursor {
  readonly table: string;
  readonly after: number | string | null;
}

export interface BackfillProgress {
  readonly seen: number;
  readonly added: number;
  readonly known: number;
  /** How much of the source is done, 0 … 1, roughly; null where that can't be told. */
  readonly share: number | null;
}

export interface BackfillStep extends BackfillProgress {
  /** Null where the source is at its end. */
  readonly next: BackfillCursor | null;
}

/** Rows a batch: a second or so of work, so that a stop loses little. */
export const batchRows = 50_000;

const tables: Readonly<Record<BackfillSource, readonly string[]>> = {
  musicbrainz: entityTypes,
  redirects: orphanTables,
};

export type Backfiller = ReturnType<typeof createBackfiller>;

export function createBackfiller({ db, config }: Dependencies) {
  return {
    /** Adds one batch of a source, from its beginning where there is no cursor. Repeated, it adds nothing twice. */
    async backfillBatch({ source, dryRun }: BackfillInput, cursor: BackfillCursor | null): Promise<BackfillStep> {
      const from = cursor ?? { table: tables[source][0] ?? '', after: null };
      const work = (tx: Transaction) => readBatch(tx, source, from, dryRun);
      const { counts, after } = await (dryRun ? db.transaction(work) : countOnce(db, currentStep(), work));
      const next = after === null ? nextTable(source, from.table) : { table: from.table, after };
      return { ...counts, next, share: next === null ? 1 : await shareAt(next) };
    },
  };

  function shareAt({ table, after }: BackfillCursor): Promise<number | null> {
    return backfillShare(db, { table: member([...entityTypes, ...orphanTables], table), after });
  }

  async function readBatch(tx: Transaction, source: BackfillSource, { table, after }: BackfillCursor, dryRun: boolean) {
    const limit = batchRows;
    if (source === 'redirects') {
      const afterGid = after === null ? null : String(after);
      const orphanTable = member(orphanTables, table);
      const { nextAfterGid, ...counts } = await backfillOrphansBatch(tx, {
        table: orphanTable,
        afterGid,
        limit,
        dryRun,
      });
      return { counts, after: nextAfterGid };
    }
    const { recentDays } = config().audit;
    const entityType = member(entityTypes, table);
    const batch = { entityType, afterId: Number(after ?? 0), limit, recentDays, dryRun };
    const { nextAfterId, ...counts } = await backfillMusicbrainzBatch(tx, batch);
    return { counts, after: nextAfterId };
  }
}

function nextTable(source: BackfillSource, table: string): BackfillCursor | null {
  const following = tables[source][tables[source].indexOf(table) + 1];
  return following === undefined ? null : { table: following, after: null };
}

/** A cursor comes from a workflow's history, which may be older than this code. */
function member<Name extends string>(names: readonly Name[], table: string): Name {
  const known = names.find((name) => name === table);
  if (known === undefined)
    throw new Error(`backfill cursor names the table ${table}: expected one of ${names.join(', ')}`);
  return known;
}
