import type { Queryable, Transaction } from '../connection.ts';
import { maxAttempts } from '../event-queries/event-sql.ts';
import { conditionOf, type EventFilter, eventVersion } from '../event-queries/event-filter.ts';
import { lockEvents } from './locks.ts';
import type { EventNode, RequeueCandidate } from './plan-requeue.ts';

/** Failed, or queued by somebody's SQL without an attempt left: such a row never runs. */
export const stuck = `(e.state = 'failed' or e.state = 'queued' and e.attempts >= ${maxAttempts})`;

/** The same for events of which the queue holds only one. Short, whatever the message: many are held in memory. */
export const sameWork = `md5(e.entity_type || ' ' || e.action || ' ' || e.message)`;

/** The failed events that match, and the failed ones that depend on them: locked, the oldest first. */
export async function readCandidates(
  tx: Transaction,
  filter: EventFilter,
): Promise<(RequeueCandidate & { readonly asked: boolean })[]> {
  const values: unknown[] = [];
  const { rows: asked } = await tx.query<{ id: number }>(
    `select e.id from artwork_indexer.event_queue e where ${stuck} and ${conditionOf(filter, values)}`,
    values,
  );
  const along = await readAlong(
    tx,
    asked.map(({ id }) => id),
  );
  const isAsked = new Set(asked.map(({ id }) => id));
  const rows = await lockCandidates(tx, [...isAsked, ...along]);
  return rows.map((row) => ({ ...row, asked: isAsked.has(row.id) }));
}

/** The failed events that depend on these, directly or by others that failed; perhaps some of these. */
export async function readAlong(q: Queryable, ids: readonly number[]): Promise<number[]> {
  const { rows } = await q.query<{ id: number }>(
    `with recursive along as (
       select id, false as failed from unnest($1::bigint[]) as id
       union
       select e.id, true from along
       join artwork_indexer.event_queue e on e.depends_on @> array[along.id] and e.state in ('queued', 'failed')
       where e.state = 'failed'
     )
     select id from along where failed`,
    [ids],
  );
  return rows.map(({ id }) => id);
}

/**
 * What a page shows that offers to requeue or to dismiss an event, as one text: the event, and the failed ones that would
 * go along. It is another one once any of them has changed, is dismissed, or is no longer, or others have come.
 */
export async function versionOfDecision(q: Queryable, id: number): Promise<string> {
  const { rows } = await q.query<{ version: string | null }>(
    `select md5(string_agg(e.id || ' ' || ${eventVersion}, ', ' order by e.id)) as version
     from artwork_indexer.event_queue e where e.id = any ($1::bigint[])`,
    [[id, ...(await readAlong(q, [id]))]],
  );
  return rows[0]?.version ?? 'none';
}

/** Why nothing is done where `versionOfDecision` says something else than a person saw. */
export const changedSincePage = 'it has changed since the page was shown';

/** Those of the events that can be queued again, locked, in the order of their creation. */
export async function lockCandidates(
  tx: Transaction,
  ids: readonly number[],
): Promise<(RequeueCandidate & { readonly version: string })[]> {
  const { rows } = await tx.query<RequeueCandidate & { readonly version: string }>(
    `with locked as (
       ${lockEvents(`select e.id, e.created, ${sameWork} as kind, coalesce(e.depends_on, '{}') as "dependsOn",
         e.state = 'queued' as "isQueued",
         case when exists (select from artwork_reconciler.event_claim claim where claim.event = e.id)
           then 'a worker has it in hand' end as obstacle,
         (
           select twin.id from artwork_indexer.event_queue twin
           where twin.state = 'queued' and twin.entity_type = e.entity_type and twin.action = e.action
             and twin.message = e.message and twin.id <> e.id
         ) as twin,
         ${eventVersion} as version
       from artwork_indexer.event_queue e
       where e.id = any ($1::bigint[]) and ${stuck}`)}
     )
     select id, kind, "dependsOn", "isQueued", obstacle, twin, version from locked order by created, id`,
    [ids],
  );
  return rows;
}

/** Events and all that they wait for, directly or not, as far as it has not completed. */
export async function readNodes(tx: Transaction, ids: readonly number[]): Promise<ReadonlyMap<number, EventNode>> {
  const { rows } = await tx.query<EventNode & { readonly id: number }>(
    `with recursive node as (
       select e.id, e.state, e.depends_on from artwork_indexer.event_queue e where e.id = any ($1::bigint[])
       union
       select parent.id, parent.state, parent.depends_on
       from node join artwork_indexer.event_queue parent on parent.id = any (node.depends_on)
       where parent.state <> 'completed'
     )
     select id, state, coalesce(depends_on, '{}') as "dependsOn" from node`,
    [ids],
  );
  return new Map(rows.map(({ id, ...node }) => [id, node]));
}

/** What depends directly on one of these events and has not ended well: locked. */
export async function readDependents(
  tx: Transaction,
  ids: readonly number[],
): Promise<{ readonly id: number; readonly dependsOn: readonly number[] }[]> {
  const { rows } = await tx.query<{ id: number; dependsOn: number[] }>(
    lockEvents(
      `select e.id, e.depends_on as "dependsOn" from artwork_indexer.event_queue e
       where e.depends_on && $1::bigint[] and e.state in ('queued', 'failed')`,
    ),
    [ids],
  );
  return rows;
}
