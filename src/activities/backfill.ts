import type { Transaction } from '../database/connection.ts';
import { countOnce } from '../database/ingest/steps.ts';
import { backfillMusicbrainzBatch, backfillShare } from '../database/ingest/backfill-batch.ts';
import { backfillOrphansBatch, orphanTables } from '../database/ingest/backfill-orphans.ts';
import { entityTypes } from '../domain/entity.ts';
import {
  type BackfillCursor,
  type BackfillInput,
  type BackfillProgress,
  type BackfillSource,
} from '../temporal/messages.ts';
import type { Dependencies } from './dependencies.ts';
import { currentStep } from './run.ts';

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
    async backfillBatch(input: BackfillInput, cursor: BackfillCursor | null): Promise<BackfillStep> {
      const { source, dryRun } = input;
      const from = cursor ?? { table: tablesOf(input)[0] ?? '', after: null };
      const work = (tx: Transaction) => readBatch(tx, source, from, dryRun);
      const { counts, after } = await (dryRun ? db.transaction(work) : countOnce(db, currentStep(), work));
      const next = after === null ? nextTable(input, from.table) : { table: from.table, after };
      return {
        ...counts,
        next,
        share: next === null ? 1 : input.entityType === undefined ? await shareAt(next) : null,
      };
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

/** Of one type of entities there is one table. */
function tablesOf({ source, entityType }: BackfillInput): readonly string[] {
  return entityType === undefined ? tables[source] : [entityType];
}

function nextTable(input: BackfillInput, table: string): BackfillCursor | null {
  const names = tablesOf(input);
  const following = names[names.indexOf(table) + 1];
  return following === undefined ? null : { table: following, after: null };
}

/** A cursor comes from a workflow's history, which may be older than this code. */
function member<Name extends string>(names: readonly Name[], table: string): Name {
  const known = names.find((name) => name === table);
  if (known === undefined)
    throw new Error(`backfill cursor names the table ${table}: expected one of ${names.join(', ')}`);
  return known;
}
