import type { Project } from '../domain/project.ts';
import type { ScanState } from '../domain/imports/scan-state.ts';
import type { Queryable, Transaction } from './connection.ts';

/** Which scan: a dry run has a place of its own. */
export interface ScanName {
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
  return rows[0] ?? null;
}

/** Begins a scan, or sets it to where it goes on. */
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
