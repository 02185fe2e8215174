import type { BulkFate, ChosenRow } from '../bulk-actions/index.ts';
import type { Transaction } from '../connection.ts';
import { type EventFilter, eventVersion } from '../event-queries/event-filter.ts';
import { chooseFailedEvents } from '../event-queries/choose-events.ts';
import { whyLeftAlone } from './left-alone.ts';

/**
 * The next events that a selection names, which is an EventFilter. Those that were asked for by id are all of them rows,
 * so that each gets its answer; what a filter matches is failed.
 */
export async function chooseEvents(
  tx: Transaction,
  selection: unknown,
  { after, limit }: { readonly after: unknown; readonly limit: number },
): Promise<{ readonly rows: readonly ChosenRow[]; readonly next: number | null }> {
  const filter = selection as EventFilter;
  const from = typeof after === 'number' ? after : null;
  if (filter.ids !== undefined) {
    const ids = [...new Set(filter.ids)].filter((id) => from === null || id > from).sort((one, other) => one - other);
    const page = ids.slice(0, limit);
    return { rows: await rowsOf(tx, page), next: ids.length > limit ? page.at(-1)! : null };
  }
  const page = await chooseFailedEvents(tx, filter, { after: from, limit });
  return { rows: await rowsOf(tx, page), next: page.length < limit ? null : page.at(-1)! };
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

/** The fates of those rows that an action found nothing to do about, in words. */
export async function refuseOthers(
  tx: Transaction,
  rows: readonly { readonly target: number }[],
  decided: ReadonlySet<number>,
): Promise<BulkFate[]> {
  const others = rows.map(({ target }) => target).filter((target) => !decided.has(target));
  const reasons = await whyLeftAlone(tx, others);
  return reasons.map(({ id, reason }) => ({ target: id, outcome: 'refused', reason }));
}
