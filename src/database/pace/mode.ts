import type { Config } from '../../config/config.ts';
import type { Operator } from '../operators/recorded.ts';
import { beginCanary, endCanary, type OpenCanary, readOpenCanary } from './canary.ts';
import type { Database, Queryable, Transaction } from '../connection.ts';
import { isReplica, replicaInWords } from '../musicbrainz/art-tables.ts';

export type Mode = Config['audit']['mode'];

/** Whether repairs are queued, and who says so. */
export interface ModeInForce {
  readonly mode: Mode;
  /** Null where a configuration says so: this process' own while `setAt` is null, else that of the first worker. */
  readonly setBy: string | null;
  readonly setAt: Date | null;
  /** While the mode is repair for a limited number of entities only; null otherwise. */
  readonly canary: OpenCanary | null;
}

/** The mode is not set: the database has no edits, so that whatever would be repaired is found wrongly. */
export class ReplicaError extends Error {
  override readonly name = 'ReplicaError';
  constructor() {
    super(`${replicaInWords}; nothing was changed, and the mode stays as it was`);
  }
}

/** The mode in the database, which holds for every process; the configuration's until a worker has written it there. */
export async function readMode(q: Queryable, configured: { readonly mode: Mode }): Promise<ModeInForce> {
  const { rows } = await q.query<{ mode: Mode | null; setBy: string | null; setAt: Date | null }>(
    'select mode, mode_set_by as "setBy", mode_set_at as "setAt" from artwork_reconciler.pace',
  );
  const [row] = rows;
  if (row === undefined || row.mode === null) {
    return { mode: configured.mode, setBy: null, setAt: null, canary: null };
  }
  const canary = row.mode === 'repair' ? await readOpenCanary(q) : null;
  return { mode: row.mode, setBy: row.setBy, setAt: row.setAt, canary };
}

/** Writes the configuration's mode where none is written yet. Every worker does this at its start. */
export async function settleMode(q: Queryable, configured: { readonly mode: Mode }): Promise<void> {
  await q.query(
    `update artwork_reconciler.pace
     set mode = $1, mode_set_at = date_trunc('milliseconds', now()) where mode is null`,
    [configured.mode],
  );
}

/**
 * Sets the mode for every process, over restarts and whatever the files say. Setting what is set already changes and
 * records nothing.
 *
 * @param change.seenSetAt when the mode that the operator saw was set: where another was set since, that one stays.
 *   Null: none was set; not given: whatever it is
 * @param change.canary with repair: for that many entities, then it is report again automatically
 * @returns whether the mode is now what was asked for, and the mode in force
 * @throws {ReplicaError} where repairs are asked for on a replica
 */
export async function changeMode(
  db: Database,
  configured: { readonly mode: Mode },
  change: ModeChange,
): Promise<{ readonly done: boolean; readonly mode: ModeInForce }> {
  return db.transaction((tx) => changeModeIn(tx, configured, change));
}

interface ModeChange {
  readonly mode: Mode;
  readonly canary?: number;
  readonly seenSetAt?: Date | null;
  readonly by: Operator;
}

/** The same in the caller's transaction. */
export async function changeModeIn(
  tx: Transaction,
  configured: { readonly mode: Mode },
  change: ModeChange,
): Promise<{ readonly done: boolean; readonly mode: ModeInForce }> {
  await tx.query('select from artwork_reconciler.pace for update');
  const found = await readMode(tx, configured);
  const isSet = found.mode === change.mode && found.setAt !== null;
  if (isSet && change.canary === undefined && found.canary === null) return { done: true, mode: found };
  if (change.seenSetAt !== undefined && found.setAt?.getTime() !== change.seenSetAt?.getTime()) {
    return { done: false, mode: found };
  }
  if (change.mode === 'repair' && (await isReplica(tx))) throw new ReplicaError();
  await endCanary(tx);
  if (change.canary !== undefined) await beginCanary(tx, change.canary, change.by);
  await tx.query(
    `with written as (
       update artwork_reconciler.pace
       set mode = $1, mode_set_by = $2, mode_set_at = date_trunc('milliseconds', now())
     )
     insert into artwork_reconciler.operator_action (actor, action, target, before, after, note)
     values ($2, 'set mode', 'mode', jsonb_build_object('mode', $4::text), jsonb_strip_nulls(jsonb_build_object('mode', $1::text, 'canary', $5::int)), $3)`,
    [change.mode, change.by.actor, change.by.note ?? null, found.mode, change.canary ?? null],
  );
  return { done: true, mode: await readMode(tx, configured) };
}
