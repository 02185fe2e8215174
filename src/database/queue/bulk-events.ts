import type { Operator } from '../operators/recorded.ts';
import { chooseIds, type ChoicePage, type ChosenRow, type RowOutcome } from '../operators/bulk-kind.ts';
import type { EventState } from '../../domain/queue/indexer-event.ts';
import type { Queryable, Transaction } from '../connection.ts';
import { eventVersion, isDismissed, maxAttempts } from './event-sql.ts';
import type { EventFilter } from './event-fields.ts';
import { eventList, type ListedEvent } from './list-events.ts';

/**
 * The next events that a selection names, which is an EventFilter. What a filter matches is failed; or queued without an attempt
 * left, where that is asked for and something can be done about it.
 */
export async function chooseEvents(
  tx: Transaction,
  selection: unknown,
  page: ChoicePage,
  states: readonly EventState[] = ['failed'],
  isFor: (event: ListedEvent) => boolean = ({ state, attempts }) => state === 'failed' || attempts >= maxAttempts,
): Promise<{ readonly rows: readonly ChosenRow[]; readonly next: unknown }> {
  const filter = selection as EventFilter;
  const asked = (filter.states ?? ['failed']).filter((state) => states.includes(state));
  if (filter.ids === undefined && asked.length === 0) return { rows: [], next: null };
  const { ids, next } = await chooseIds(tx, eventList, { ...filter, states: asked }, page, isFor);
  return { rows: await rowsOf(tx, ids), next };
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
