import type { EntityType } from '../../domain/entity.ts';
import type { Refusal } from '../queue/bulk-events.ts';

/** An open event of a tree that is to be taken out of the queue, its row locked. */
export interface WithdrawalCandidate {
  readonly id: number;
  readonly state: string;
  readonly action: string;
  readonly entityType: EntityType;
  readonly message: unknown;
  readonly dependsOn: readonly number[];
  /** An audit queued it. */
  readonly isRepair: boolean;
  /** A worker is about it. */
  readonly claimed: boolean;
  /** Its entity was edited since, and its triggers found it queued: an `index` that is MusicBrainz' too. */
  readonly isEdited: boolean;
  /** Why it is left as it is, whatever becomes of others, in words. */
  readonly obstacle: string | null;
}

export interface WithdrawalPlan {
  readonly withdrawn: readonly WithdrawalCandidate[];
  readonly refused: readonly Refusal[];
  /** Those of the refused that stay queued as MusicBrainz' own. */
  readonly left: readonly number[];
  /** What stays queued and waits for something that is withdrawn: from which parents it is to be cut loose. */
  readonly cutLoose: readonly { readonly id: number; readonly parents: readonly number[] }[];
}

/**
 * What becomes of each of some trees of events. A tree is taken out as a whole, or stays as a whole; only
 *
 * - what runs is left to end: what waits for it is not started then;
 * - an `index` that isn't an audit's alone stays, and waits no longer for what is withdrawn: documents are written from
 *   MusicBrainz as it is, and lose nothing.
 *
 * A deletion or copy of a trigger that waits for an audit's copy keeps the whole tree: the image might be in no other place.
 *
 * @param asked those that the action is about: a tree that has others stays
 */
export function planWithdrawal(candidates: readonly WithdrawalCandidate[], asked: ReadonlySet<number>): WithdrawalPlan {
  const refused: Refusal[] = [];
  const withdrawn: WithdrawalCandidate[] = [];
  const left: number[] = [];
  const cutLoose: { id: number; parents: number[] }[] = [];
  const runs = ({ state, claimed }: WithdrawalCandidate): boolean => state === 'running' || claimed;
  const isOurs = (each: WithdrawalCandidate): boolean => each.isRepair && !each.isEdited && !runs(each);

  for (const each of candidates) {
    if (runs(each)) refused.push({ id: each.id, reason: 'it is being carried out' });
    else if (!each.isRepair) refused.push({ id: each.id, reason: 'no audit queued it' });
    else if (each.isEdited) {
      left.push(each.id);
      refused.push({
        id: each.id,
        reason: 'somebody has edited the entity in MusicBrainz since: it is left queued, as MusicBrainz’ own',
      });
    }
  }
  const ours = new Map(candidates.filter(isOurs).map((each) => [each.id, each]));
  for (const tree of treesOf([...ours.values()])) {
    const members = new Set(tree.map(({ id }) => id));
    const dependents = candidates.filter(
      (each) => !ours.has(each.id) && !runs(each) && each.dependsOn.some((parent) => members.has(parent)),
    );
    const reason = obstacleOf(tree, dependents, asked);
    if (reason !== null) {
      refused.push(...tree.map(({ id }) => ({ id, reason })));
      continue;
    }
    withdrawn.push(...tree);
    for (const { id, dependsOn } of dependents) {
      cutLoose.push({ id, parents: dependsOn.filter((parent) => members.has(parent)) });
    }
  }
  return { withdrawn, refused, left, cutLoose };
}

function obstacleOf(
  tree: readonly WithdrawalCandidate[],
  dependents: readonly WithdrawalCandidate[],
  asked: ReadonlySet<number>,
): string | null {
  const waiting = dependents.find(({ action }) => action !== 'index');
  if (waiting !== undefined) return `event ${waiting.id}, which is no audit's, depends on the same repairs`;
  const other = tree.find(({ id }) => !asked.has(id));
  if (other !== undefined) return `event ${other.id} belongs to the same repairs, and is no part of this`;
  return tree.find(({ obstacle }) => obstacle !== null)?.obstacle ?? null;
}

/** Those that depend on each other, directly or not, as one each. */
function treesOf(events: readonly WithdrawalCandidate[]): WithdrawalCandidate[][] {
  const near = new Map<number, number[]>(events.map(({ id }) => [id, []]));
  for (const { id, dependsOn } of events) {
    for (const parent of dependsOn) {
      if (!near.has(parent)) continue;
      near.get(parent)!.push(id);
      near.get(id)!.push(parent);
    }
  }
  const byId = new Map(events.map((event) => [event.id, event]));
  const seen = new Set<number>();
  return events.flatMap(({ id: first }) => {
    const tree: WithdrawalCandidate[] = [];
    const open = [first];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      tree.push(byId.get(id)!);
      open.push(...near.get(id)!);
    }
    return tree.length === 0 ? [] : [tree];
  });
}
