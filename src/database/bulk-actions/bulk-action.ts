import { randomUUID } from 'node:crypto';
import sql, { raw, type Sql } from 'sql-template-tag';
import type { Operator } from '../operators/recorded.ts';
import type { Database, Queryable } from '../connection.ts';

/** `reading`: its list is being read; nobody works on it yet. */
export type BulkState = 'choosing' | 'done' | 'planned' | 'planning' | 'reading' | 'running' | 'stopped';

interface BulkTally {
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
  /** Why the last batch failed, while none has succeeded since; why it was stopped, where that was no person. */
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

/**
 * Lets a bulk action be carried out, and records who wanted it, in one record for all of its rows. Confirming again
 * changes nothing, and neither does confirming what is to be done all or not at all, where something can't be done.
 *
 * @returns whether it was this call that confirmed it, and the state it found; null where there is no such action
 */
export async function confirmBulkAction(
  db: Database,
  { id, by }: { readonly id: string; readonly by: Operator },
): Promise<{ readonly started: boolean; readonly state: BulkState } | null> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{ state: BulkState; kind: string; toDo: number; isHeldBack: boolean }>(
      `select state, kind, planned_done + planned_skipped as "toDo",
         coalesce((filter->>'allOrNothing')::boolean, false) and (planned_refused > 0 or exists (
           select from artwork_reconciler.bulk_action_line line
           where line.bulk_action = action.id and line.reason is not null and line.target is null)) as "isHeldBack"
       from artwork_reconciler.bulk_action action where id = $1 for update`,
      [id],
    );
    const [action] = rows;
    if (action === undefined) return null;
    if (action.state !== 'planned' || action.isHeldBack) return { started: false, state: action.state };
    await tx.query(
      `with recorded as (
         insert into artwork_reconciler.operator_action (actor, action, target, after, note)
         select $2, replace(kind, '_', ' '), $4, jsonb_build_object(
             'bulk_action', id, 'filter', filter, 'state', 'running', 'planned',
             jsonb_build_object('done', planned_done, 'skipped', planned_skipped, 'refused', planned_refused)
           ), $3
         from artwork_reconciler.bulk_action where id = $1
         returning id
       )
       update artwork_reconciler.bulk_action
       set state = 'running', actor = $2, note = $3, confirmed_at = now(), fault = null,
         operator_action = (select id from recorded)
       where id = $1`,
      [id, by.actor, by.note ?? null, targetOf(action.kind, action.toDo)],
    );
    return { started: true, state: 'running' };
  });
}

/** What an action is done to, for the record: `1200 events`. The name of a kind ends with it. */
function targetOf(kind: string, rows: number): string {
  const many = kind.split('_').at(-1)!;
  return `${rows} ${rows === 1 ? many.replace(/ies$/, 'y').replace(/s$/, '') : many}`;
}

/**
 * Completes a bulk action of which all is done, and its record by what became of the rows. One that has ended stays as it
 * is.
 */
export async function completeBulkAction(q: Queryable, id: string): Promise<void> {
  await q.query(sql`with ${ended(id, 'done', null)} select from ended`);
}

/**
 * Stops a bulk action, or discards its dry run: what is done is done, nothing more is. A batch in progress is waited for.
 * Who stopped it gets a record of its own, since another person may have confirmed it.
 *
 * @returns whether it was open until now
 */
export async function stopBulkAction(
  db: Database,
  { id, by }: { readonly id: string; readonly by: Operator },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{ kind: string; chosen: number }>(
      `select kind, chosen from artwork_reconciler.bulk_action where id = $1 for update`,
      [id],
    );
    const [action] = rows;
    if (action === undefined) return false;
    const { rowCount } = await tx.query(
      sql`with ${ended(id, 'stopped', by.actor, by.note ?? null)},
       stop_recorded as (
         insert into artwork_reconciler.operator_action (actor, action, target, note, before, after)
         select ${by.actor}, 'stop ' || replace(kind, '_', ' '), ${targetOf(action.kind, action.chosen)}, ${by.note ?? null}, jsonb_build_object('bulk_action', id, 'state', former_state),
           jsonb_build_object('bulk_action', id, 'state', state, 'outcome', ${raw(outcome('ended'))})
         from ended
       )
       select from ended`,
    );
    return rowCount === 1;
  });
}

/** Common table expressions: `ended`, the action as it now is, if it was open; and its record, completed. */
function ended(id: string, state: 'done' | 'stopped', stoppedBy: string | null, fault: string | null = null): Sql {
  return sql`
    open as (
      select id, state as former_state from artwork_reconciler.bulk_action
      where id = ${id} and state not in ('done', 'stopped')
      for update
    ),
    ended as (
      update artwork_reconciler.bulk_action action
      set state = ${state}, stopped_by = ${stoppedBy}, ended_at = clock_timestamp(), fault = ${fault}
      from open where action.id = open.id
      returning action.*, open.former_state
    ),
    recorded as (
      update artwork_reconciler.operator_action record
      set after = record.after || jsonb_build_object('state', ended.state, 'outcome', ${raw(outcome('ended'))})
      from ended where record.id = ended.operator_action
    )`;
}

function outcome(table: string): string {
  return `jsonb_build_object('done', ${table}.done, 'skipped', ${table}.skipped, 'refused', ${table}.refused)`;
}

/** Writes down why a batch failed; the next one that doesn't removes it. */
export async function noteFault(q: Queryable, id: string, words: string): Promise<void> {
  await q.query(
    `update artwork_reconciler.bulk_action set fault = $2
     where id = $1 and state in ('choosing', 'planning', 'running')`,
    [id, words.replaceAll('\0', '\uFFFD').slice(0, 1000)],
  );
}

/** Those about which there is something to do, the oldest first: unfinished dry runs, and what was confirmed. */
export async function unfinishedBulkActions(
  q: Queryable,
  limit: number,
): Promise<readonly { readonly id: string; readonly isConfirmed: boolean }[]> {
  const { rows } = await q.query<{ id: string; isConfirmed: boolean }>(
    `select id, state = 'running' as "isConfirmed" from artwork_reconciler.bulk_action
     where state in ('choosing', 'planning', 'running') order by created_at limit $1`,
    [limit],
  );
  return rows;
}

/** Forgets a dry run, unless it was confirmed. */
export async function forgetDryRun(q: Queryable, id: string): Promise<void> {
  await q.query(`delete from artwork_reconciler.bulk_action where id = $1 and confirmed_at is null`, [id]);
}

/** Forgets dry runs that nobody confirmed. What was confirmed stays, as a part of the record. */
export async function forgetUnconfirmed(q: Queryable, hours: number): Promise<number> {
  const { rowCount } = await q.query(
    `delete from artwork_reconciler.bulk_action
     where confirmed_at is null and created_at < clock_timestamp() - make_interval(secs => $1)`,
    [hours * 3_600],
  );
  return rowCount ?? 0;
}

/**
 * Begins a dry run: which rows are chosen, and what would become of each, is found out by `stepBulkAction`. Nothing is
 * done to them before somebody confirms.
 *
 * @param filter as its kind reads it; kept as JSON
 * @returns the id of the bulk action
 */
export async function planBulkAction(
  q: Queryable,
  action: { readonly kind: string; readonly filter: unknown; readonly plannedBy: string },
): Promise<string> {
  const id = randomUUID();
  await q.query(
    `insert into artwork_reconciler.bulk_action (id, kind, filter, planned_by) values ($1, $2, $3::jsonb, $4)`,
    [id, action.kind, JSON.stringify(action.filter), action.plannedBy],
  );
  return id;
}
