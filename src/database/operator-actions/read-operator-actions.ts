import type { Queryable } from '../connection.ts';

/** A row of `artwork_reconciler.operator_action`. */
export interface OperatorAction {
  readonly id: number;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  /** What it was done to, e.g. `review 7`, `event 12`, `3 events`, `breaker`, `pace`. */
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly note: string | null;
}

export interface OperatorActionFilter {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  /** One of these, to the letter: what the page of an entity asks for, its reviews and events among them. */
  readonly targets?: readonly string[] | undefined;
  /** A part of the target, in either case. */
  readonly targetPart?: string | undefined;
  /** Not longer ago than that. */
  readonly newerThanSeconds?: number | undefined;
}

export interface OperatorActionPage {
  readonly rows: readonly OperatorAction[];
  /** Where the next page begins; null where there is none. */
  readonly next: number | null;
}

/** Rows that one page looks at. A page of a rare filter may be short, even empty, and more follow. */
const looked = 20_000;

/**
 * What was recorded last, newest first.
 *
 * Strategy: the newest rows by the primary key, so many and no more, are compared with the filter; so a page costs the
 * same whatever is asked for. Targets that are named have an index of their own.
 */
export async function readOperatorActions(
  q: Queryable,
  filter: OperatorActionFilter,
  page: { readonly limit: number; readonly after?: number | null },
): Promise<OperatorActionPage> {
  const values: unknown[] = [];
  const value = (given: unknown): string => `$${values.push(given)}`;
  const { targets, newerThanSeconds, actor, action, targetPart } = filter;
  const walkedWhere = [
    ...(page.after == null ? [] : [`id < ${value(page.after)}::bigint`]),
    ...(targets === undefined ? [] : [`target = any (${value(targets)}::text[])`]),
    ...(newerThanSeconds === undefined
      ? []
      : [`at >= now() - ${value(newerThanSeconds)}::float8 * interval '1 second'`]),
  ];
  const shownWhere = [
    ...(actor === undefined ? [] : [`actor = ${value(actor)}`]),
    ...(action === undefined ? [] : [`action = ${value(action)}`]),
    ...(targetPart === undefined ? [] : [`position(lower(${value(targetPart)}) in lower(target)) > 0`]),
  ];
  const { rows } = await q.query<(OperatorAction | { readonly id: null }) & { readonly passed: number | null }>(
    `with walked as materialized (
       select * from artwork_reconciler.operator_action ${conditions(walkedWhere)} order by id desc limit ${looked}
     )
     select shown.*, whole.passed
     from (select case when count(*) = ${looked} then min(id) end as passed from walked) whole
     left join (select * from walked ${conditions(shownWhere)} order by id desc limit ${value(page.limit + 1)}) shown on true
     order by shown.id desc`,
    values,
  );
  const found = rows.flatMap((row) => (row.id === null ? [] : [withoutPassed(row)]));
  const shown = found.slice(0, page.limit);
  const next = found.length > page.limit ? (shown.at(-1)?.id ?? null) : (rows[0]?.passed ?? null);
  return { rows: shown, next };
}

/** The actions of the newest records, to choose from. */
export async function recentActions(q: Queryable): Promise<readonly string[]> {
  const { rows } = await q.query<{ action: string }>(
    `select distinct action
     from (select action from artwork_reconciler.operator_action order by id desc limit 5000) newest
     order by action`,
  );
  return rows.map(({ action }) => action);
}

function conditions(all: readonly string[]): string {
  return all.length === 0 ? '' : `where ${all.join(' and ')}`;
}

function withoutPassed({ passed: _, ...action }: OperatorAction & { readonly passed: number | null }): OperatorAction {
  return action;
}
