import sql, { raw } from 'sql-template-tag';
import type { Queryable, Transaction } from '../connection.ts';
import { lockEvents } from '../locks.ts';
import { eventVersion, maxAttempts } from './event-sql.ts';

/** A failed event that a person wants to run again, or that failed because of such a one. */
export interface RequeueCandidate {
  readonly id: number;
  /** Entity type, action and message: the queue holds only one of a kind. */
  readonly kind: string;
  readonly dependsOn: readonly number[];
  /** Why it is left as it is, whatever becomes of others, in words; null where nothing speaks against it. */
  readonly obstacle: string | null;
  /** `queued`, by somebody's SQL, but with no attempts left. */
  readonly isQueued: boolean;
  /** The queued event of the same kind, if there is one. */
  readonly twin: number | null;
  /** Whether it is not to be queued, only to be skipped where there is a twin. */
  readonly onlySkip?: boolean;
}

/** An event as far as others depend on it. One that is not known was cleaned up. */
export interface EventNode {
  readonly state: string;
  readonly dependsOn: readonly number[];
}

export interface RequeuePlan {
  /** Parents before what depends on them. */
  readonly requeued: readonly number[];
  /** Each with the queued event of the same kind that does its work. */
  readonly skipped: readonly { readonly id: number; readonly twin: number }[];
  readonly refused: readonly { readonly id: number; readonly reason: string }[];
}

type Verdict =
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'requeued' }
  | { readonly kind: 'skipped'; readonly twin: number };

/**
 * What becomes of each candidate (life-cycles page, "Requeue"): a duplicate of a queued event is skipped, one with a
 * parent that stays failed is refused, the others are queued again.
 *
 * @param candidates in the order of their creation; of several of a kind the oldest is queued
 * @param nodes the events that they depend on, directly or not
 * @param requeuedBefore by kind, what earlier batches of the same action have queued
 */
export function planRequeue(
  candidates: readonly RequeueCandidate[],
  nodes: ReadonlyMap<number, EventNode>,
  requeuedBefore: ReadonlyMap<string, number> = new Map(),
): RequeuePlan {
  const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  const verdicts = new Map<number, Verdict>();
  const queuedKinds = new Map(requeuedBefore);

  const decide = (candidate: RequeueCandidate, dependents: readonly number[]): Verdict => {
    const known = verdicts.get(candidate.id);
    if (known !== undefined) return known;
    const verdict = judge(candidate, [...dependents, candidate.id]);
    if (verdict.kind === 'requeued') queuedKinds.set(candidate.kind, candidate.id);
    verdicts.set(candidate.id, verdict);
    return verdict;
  };

  const judge = (candidate: RequeueCandidate, path: readonly number[]): Verdict => {
    if (candidate.obstacle !== null) return { kind: 'refused', reason: candidate.obstacle };
    const parents = candidate.dependsOn.map((parent) => staysFailed(parent, path));
    const failed = candidate.dependsOn.find((_, position) => parents[position]);
    // After its parents were decided: one of them may be of the same kind.
    const twin = candidate.isQueued ? null : (candidate.twin ?? queuedKinds.get(candidate.kind) ?? null);
    if (twin !== null) return { kind: 'skipped', twin };
    if (candidate.onlySkip === true)
      return { kind: 'refused', reason: 'the event that is the same is not queued any more' };
    if (failed !== undefined) return { kind: 'refused', reason: `event ${failed}, which it depends on, stays failed` };
    return { kind: 'requeued' };
  };

  const staysFailed = (parent: number, path: readonly number[]): boolean => {
    // In a circle each waits for the other.
    if (path.includes(parent)) return true;
    const candidate = byId.get(parent);
    if (candidate !== undefined) return decide(candidate, path).kind === 'refused';
    return nodes.get(parent)?.state === 'failed';
  };

  for (const candidate of candidates) decide(candidate, []);
  // In the order in which they were decided: a Map keeps it, and parents were decided first.
  const decided = [...verdicts.entries()];
  return {
    requeued: decided.flatMap(([id, verdict]) => (verdict.kind === 'requeued' ? [id] : [])),
    skipped: decided.flatMap(([id, verdict]) => (verdict.kind === 'skipped' ? [{ id, twin: verdict.twin }] : [])),
    refused: decided.flatMap(([id, verdict]) => (verdict.kind === 'refused' ? [{ id, reason: verdict.reason }] : [])),
  };
}

/**
 * The parents of an event once those that were skipped are replaced by their twins. A twin that itself waits for the
 * event is left out: it comes later anyway, and they would wait for each other.
 */
export function replaceParents(
  event: { readonly id: number; readonly dependsOn: readonly number[] },
  skipped: ReadonlyMap<number, number>,
  nodes: ReadonlyMap<number, EventNode>,
): readonly number[] {
  const replaced = event.dependsOn.flatMap((parent) => {
    const twin = skipped.get(parent);
    if (twin === undefined) return [parent];
    return twin === event.id || waitsFor(twin, event.id, nodes) ? [] : [twin];
  });
  return [...new Set(replaced)];
}

function waitsFor(event: number, other: number, nodes: ReadonlyMap<number, EventNode>): boolean {
  const seen = new Set<number>();
  const open = [event];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const parent of nodes.get(id)?.dependsOn ?? []) {
      if (parent === other) return true;
      if (!seen.has(parent)) open.push(parent);
      seen.add(parent);
    }
  }
  return false;
}

/** Failed, or queued by somebody's SQL without an attempt left: such a row never runs. */
export const stuck = `(e.state = 'failed' or e.state = 'queued' and e.attempts >= ${maxAttempts})`;

/** The same for events of which the queue holds only one. Short, whatever the message: many are held in memory. */
export const sameWork = `md5(e.entity_type || ' ' || e.action || ' ' || e.message)`;

/** Of these events the stuck ones, and the failed ones that depend on them: locked, the oldest first. */
export async function readCandidates(
  tx: Transaction,
  ids: readonly number[],
): Promise<(RequeueCandidate & { readonly asked: boolean })[]> {
  const { rows: asked } = await tx.query<{ id: number }>(
    sql`select e.id from artwork_indexer.event_queue e where e.id = any (${ids}::bigint[]) and ${raw(stuck)}`,
  );
  const along = await readFailedDependents(
    tx,
    asked.map(({ id }) => id),
  );
  const isAsked = new Set(asked.map(({ id }) => id));
  const rows = await lockCandidates(tx, [...isAsked, ...along]);
  return rows.map((row) => ({ ...row, asked: isAsked.has(row.id) }));
}

/** The failed events that depend on these, directly or by others that failed; perhaps some of these. */
export async function readFailedDependents(q: Queryable, ids: readonly number[]): Promise<number[]> {
  const { rows } = await q.query<{ id: number }>(
    `with recursive dependent as (
       select id, false as failed from unnest($1::bigint[]) as id
       union
       select e.id, true from dependent
       join artwork_indexer.event_queue e on e.depends_on @> array[dependent.id] and e.state in ('queued', 'failed')
       where e.state = 'failed'
     )
     select id from dependent where failed`,
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
    [[id, ...(await readFailedDependents(q, [id]))]],
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
    sql`with locked as (
       ${lockEvents(sql`select e.id, e.created, ${raw(sameWork)} as kind, coalesce(e.depends_on, '{}') as "dependsOn",
         e.state = 'queued' as "isQueued",
         case when exists (select from artwork_reconciler.event_claim claim where claim.event = e.id)
           then 'it is claimed by a worker' end as obstacle,
         (
           select twin.id from artwork_indexer.event_queue twin
           where twin.state = 'queued' and twin.entity_type = e.entity_type and twin.action = e.action
             and twin.message = e.message and twin.id <> e.id
         ) as twin,
         ${raw(eventVersion)} as version
       from artwork_indexer.event_queue e
       where e.id = any (${ids}::bigint[]) and ${raw(stuck)}`)}
     )
     select id, kind, "dependsOn", "isQueued", obstacle, twin, version from locked order by created, id`,
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
      sql`select e.id, e.depends_on as "dependsOn" from artwork_indexer.event_queue e
       where e.depends_on && ${ids}::bigint[] and e.state in ('queued', 'failed')`,
    ),
  );
  return rows;
}
