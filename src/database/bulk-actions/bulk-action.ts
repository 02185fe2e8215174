import type { Queryable } from '../connection.ts';

export type BulkState = 'choosing' | 'done' | 'planned' | 'planning' | 'running' | 'stopped';

export interface BulkTally {
  readonly done: number;
  readonly skipped: number;
  readonly refused: number;
}

/** A bulk action as its page shows it. */
export interface BulkAction {
  readonly id: string;
  readonly kind: string;
  readonly filter: unknown;
  readonly state: BulkState;
  readonly plannedBy: string;
  readonly createdAt: Date;
  /** Who confirmed it, with which note; null before. */
  readonly actor: string | null;
  readonly note: string | null;
  readonly confirmedAt: Date | null;
  readonly endedAt: Date | null;
  /** Who stopped or discarded it; null where nobody did. */
  readonly stoppedBy: string | null;
  /** All rows, and those of them that only go along with others. */
  readonly chosen: number;
  readonly along: number;
  readonly planned: BulkTally;
  readonly outcome: BulkTally;
  /** Why the last batch failed, while none has succeeded since. */
  readonly fault: string | null;
}

/** Null where there is none of that id: one that is never confirmed is forgotten after a while. */
export async function readBulkAction(q: Queryable, id: string): Promise<BulkAction | null> {
  const { rows } = await q.query<BulkAction>(`${select} where id = $1`, [id]);
  return rows[0] ?? null;
}

/** The latest ones, the newest first. */
export async function listBulkActions(q: Queryable, limit: number): Promise<readonly BulkAction[]> {
  const { rows } = await q.query<BulkAction>(`${select} order by created_at desc, id limit $1`, [limit]);
  return rows;
}

const select = `
  select id, kind, filter, state, planned_by as "plannedBy", created_at as "createdAt", actor, note,
    confirmed_at as "confirmedAt", ended_at as "endedAt", stopped_by as "stoppedBy", chosen, along, fault,
    json_build_object('done', planned_done, 'skipped', planned_skipped, 'refused', planned_refused) as planned,
    json_build_object('done', done, 'skipped', skipped, 'refused', refused) as outcome
  from artwork_reconciler.bulk_action`;
