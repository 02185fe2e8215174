import type { Project } from '../../domain/entity.ts';
import { newScan, type ScanState } from '../../domain/imports/scan-state.ts';
import type { Database, Queryable, Transaction } from '../connection.ts';

/** Which scan: a dry run has a place of its own. */
interface ScanName {
  readonly collection: Project['collection'];
  readonly dryRun: boolean;
}

/** A scan's place, and its version: the fence. */
export interface StoredScan {
  readonly state: ScanState;
  readonly version: number;
}

export async function readScan(q: Queryable, { collection, dryRun }: ScanName): Promise<StoredScan | null> {
  const { rows } = await q.query<{ state: ScanState; version: number }>(
    'select state, version from artwork_reconciler.archive_scan where collection = $1 and dry_run = $2',
    [collection, dryRun],
  );
  // An older version's state lacks what came later.
  return rows[0] === undefined ? null : { ...rows[0], state: { ...newScan, ...rows[0].state } };
}

/** Begins a scan, or sets it to where it continues. */
export async function beginScan(q: Queryable, { collection, dryRun }: ScanName, state: ScanState): Promise<void> {
  await q.query(
    `insert into artwork_reconciler.archive_scan as scan (collection, dry_run, state) values ($1, $2, $3)
     on conflict (collection, dry_run) do update
       set state = excluded.state, version = scan.version + 1, updated_at = now()`,
    [collection, dryRun, JSON.stringify(state)],
  );
}

/** @returns false where somebody else has taken the scan further since `version` was read: nothing is changed then */
export async function advanceScan(
  tx: Transaction,
  { collection, dryRun }: ScanName,
  { state, version }: StoredScan,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update artwork_reconciler.archive_scan set state = $3, version = version + 1, updated_at = now()
     where collection = $1 and dry_run = $2 and version = $4`,
    [collection, dryRun, JSON.stringify(state), version],
  );
  return rowCount === 1;
}

/** A step that is repeated later than this counts again. As long as an import waits for whoever feeds it. Days. */
const retentionDays = 30;

/**
 * Does a step of a backfill or an import, and remembers what it counted, in one transaction. A step that was done before
 * (its worker died after the commit and before anybody received the answer) is not done again, and counts what it counted then:
 * else what it added would be counted as known.
 *
 * @param step names it; the same for each of its repetitions, and for nothing else
 * @throws {Error} unique_violation, where the same step is being done elsewhere too: to be repeated
 */
export async function countOnce<Counts extends object>(
  db: Database,
  step: string,
  work: (tx: Transaction) => Promise<Counts>,
): Promise<Counts> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{ counts: Counts }>(
      'select counts from artwork_reconciler.feeding_step where step = $1',
      [step],
    );
    if (rows[0] !== undefined) return rows[0].counts;
    const counts = await work(tx);
    await tx.query('insert into artwork_reconciler.feeding_step (step, counts) values ($1, $2)', [
      step,
      JSON.stringify(counts),
    ]);
    return counts;
  });
}

/** Forgets steps that nobody repeats any more: a few thousand rows a backfill. @returns how many */
export async function forgetIngestSteps(q: Queryable): Promise<number> {
  const { rowCount } = await q.query(
    `delete from artwork_reconciler.feeding_step where at < now() - make_interval(days => $1)`,
    [retentionDays],
  );
  return rowCount ?? 0;
}
