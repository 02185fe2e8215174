import type { Operator } from '../brakes/stored-brakes.ts';
import type { RowOutcome, ChosenRow } from '../bulk-actions/bulk-kind.ts';
import type { EventState } from '../../domain/queue/indexer-event.ts';
import type { Queryable, Transaction } from '../connection.ts';
import { readList } from '../lists/list.ts';
import { compareIds, parseRowId } from '../row-id.ts';
import { eventVersion, isDismissed, maxAttempts } from './event-sql.ts';
import type { EventFilter } from './event-fields.ts';
import { eventList, type ListedEvent } from './list-events.ts';

/** Where a selection continues, and how many rows it gives at once. */
interface Page {
  readonly after: unknown;
  readonly limit: number;
}

/** Rows that one step of choosing passes. */
const looked = 10_000;

/**
 * The next events that a selection names, which is an EventFilter. Those that were asked for by id are all of them rows,
 * so that each gets its answer. What a filter matches is failed; or queued without an attempt left, where that is asked
 * for and something can be done about it.
 */
export async function chooseEvents(
  tx: Transaction,
  selection: unknown,
  { after, limit }: Page,
  states: readonly EventState[] = ['failed'],
  isFor: (event: ListedEvent) => boolean = ({ state, attempts }) => state === 'failed' || attempts >= maxAttempts,
): Promise<{ readonly rows: readonly ChosenRow[]; readonly next: unknown }> {
  const filter = selection as EventFilter;
  if (filter.ids !== undefined) {
    const from = parseRowId(String(after));
    const ids = [...new Set(filter.ids)].filter((id) => from === null || compareIds(id, from) > 0).sort(compareIds);
    const page = ids.slice(0, limit);
    return { rows: await rowsOf(tx, page), next: ids.length > limit ? page.at(-1)! : null };
  }
  const asked = (filter.states ?? ['failed']).filter((state) => states.includes(state));
  if (asked.length === 0) return { rows: [], next: null };
  const page = await readList(
    tx,
    eventList,
    { ...filter, states: asked },
    // A number is an earlier version's place, in the other direction: then it chooses from the beginning, each row once.
    { limit, look: looked, after: typeof after === 'string' ? after : null, isPlain: true },
  );
  const found = page.rows.filter(isFor);
  return {
    rows: await rowsOf(
      tx,
      found.map(({ id }) => id),
    ),
    next: page.next,
  };
}

/** Events as rows of a bulk action. One that there is not comes last. */
export async function rowsOf(tx: Transaction, ids: readonly number[], along = false): Promise<ChosenRow[]> {
  const { rows } = await tx.query<{ target: number; place: string; version: string | null }>(
    `select asked.id as target, coalesce(e.created, now())::text as place, ${eventVersion} as version
     from unnest($1::bigint[]) as asked (id) left join artwork_indexer.event_queue e on e.id = asked.id`,
    [ids],
  );
  return rows.map(({ target, place, version }) => ({ target, place, along, ...(version !== null && { version }) }));
}

/** The outcomes of those rows that an action found nothing to do about, in words. */
export async function refuseOthers(
  tx: Transaction,
  rows: readonly { readonly target: number }[],
  decided: ReadonlySet<number>,
): Promise<RowOutcome[]> {
  const others = rows.map(({ target }) => target).filter((target) => !decided.has(target));
  const reasons = await refusalReasons(tx, others);
  return reasons.map(({ id, reason }) => ({ target: id, outcome: 'refused', reason }));
}

export interface Refusal {
  readonly id: number;
  readonly reason: string;
}

/** Why events that a person asked for by id were not touched, in words: each is named in the answer. */
export async function refusalReasons(q: Queryable, ids: readonly number[]): Promise<Refusal[]> {
  if (ids.length === 0) return [];
  const { rows } = await q.query<Refusal>(
    `select asked.id, case
         when e.id is null then 'there is no such event'
         when exists (select from artwork_reconciler.event_claim claim where claim.event = e.id) then 'it is claimed by a worker'
         when ${isDismissed} then 'it is dismissed'
         when e.state = 'failed' then 'it is none of those asked for'
         else 'it is ' || e.state::text
       end as reason
     from unnest($1::bigint[]) as asked (id) left join artwork_indexer.event_queue e using (id)
     order by asked.id`,
    [ids],
  );
  return rows;
}

/** What a record of a bulk action is about, in words. */
export function targetOf(ids: readonly number[]): string {
  return ids.length === 1 ? `event ${ids[0]}` : `${ids.length} events`;
}

/** Records what a person did to events, in its transaction. A bulk action is one record with its rows. */
export async function recordAction(
  tx: Transaction,
  { actor, note }: Operator,
  done: { readonly action: string; readonly target: string; readonly before?: unknown; readonly after: unknown },
): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.operator_action (actor, action, target, before, after, note)
     values ($1, $2, $3, $4::jsonb, $5::jsonb, $6)`,
    [
      actor,
      done.action,
      done.target,
      done.before === undefined ? null : JSON.stringify(done.before),
      JSON.stringify(done.after),
      note ?? null,
    ],
  );
}
