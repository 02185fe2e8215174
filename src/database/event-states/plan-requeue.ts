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

type Fate =
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
  const fates = new Map<number, Fate>();
  const queuedKinds = new Map(requeuedBefore);

  const decide = (candidate: RequeueCandidate, dependents: readonly number[]): Fate => {
    const known = fates.get(candidate.id);
    if (known !== undefined) return known;
    const fate = fateOf(candidate, [...dependents, candidate.id]);
    if (fate.kind === 'requeued') queuedKinds.set(candidate.kind, candidate.id);
    fates.set(candidate.id, fate);
    return fate;
  };

  const fateOf = (candidate: RequeueCandidate, path: readonly number[]): Fate => {
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
  const decided = [...fates.entries()];
  return {
    requeued: decided.flatMap(([id, fate]) => (fate.kind === 'requeued' ? [id] : [])),
    skipped: decided.flatMap(([id, fate]) => (fate.kind === 'skipped' ? [{ id, twin: fate.twin }] : [])),
    refused: decided.flatMap(([id, fate]) => (fate.kind === 'refused' ? [{ id, reason: fate.reason }] : [])),
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
