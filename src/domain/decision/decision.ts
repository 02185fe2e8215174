import { type Finding, type FindingPart, isRepair, type Policy, withPolicies } from '../checks/finding.ts';
import { groupFindings, inCatalogueOrder } from '../checks/findings.ts';
import type { PolicyTable } from '../checks/policies.ts';
import type { ImageEvidence } from '../documents/image-content.ts';
import type { EntityKey, EntityType } from '../entity.ts';
import type { ExpectedState } from '../expected-state.ts';
import type { EventOrder } from '../queue/indexer-event.ts';
import { type ImageClearing, type ImageFetch, type ImagePlan, resolveImages } from './resolve-images.ts';
import { partAsReason, type ReviewReason } from './review-reason.ts';

/** What an audit comes to. `not_now` is no status: the entity is released. */
export type Outcome = 'clean' | 'legacy' | 'manual_review' | 'not_now' | 'repair_queue';

/** The decision about one entity, which goes through Temporal's history and into the database as it is. */
export interface Decision {
  readonly decision: Outcome;
  /** Why it could not be decided now; null for every other outcome. */
  readonly reason: string | null;
  readonly findings: readonly Finding[];
  /** In dependency order; empty for every outcome but `repair_queue`. */
  readonly repairs: readonly Repair[];
  /** All of them, in the catalogue's order; empty for every outcome but `manual_review`. */
  readonly reviewReasons: readonly ReviewReason[];
}

/** All that a decision rests on. */
export interface DecisionInput {
  readonly expected: ExpectedState;
  /** Of the item and its documents, as `groupFindings` gives them. */
  readonly findings: readonly Finding[];
  readonly images: ImageEvidence;
  readonly policies: PolicyTable;
  /** The evidence of findings about which a person said `wont_fix`. */
  readonly wontFixEvidence: readonly string[];
  /**
   * For each check, how many consecutive audits, right before this one, decided to repair a finding of it. A check that
   * is not in it: none.
   */
  readonly repairedBefore: Readonly<Record<string, number>>;
}

/** What an audit decides about one entity (catalogue page, "The decision" and "After a repair"). */
export function decide(input: DecisionInput): Decision {
  const { expected, policies } = input;
  const plan = resolveImages(expected, input.images, policies);
  const found = judgedFindings(input, plan);
  if (plan.notNow !== null) return outcome('not_now', found, { reason: plan.notNow });

  const findings = found.map((finding) => withPolicies(finding, (part) => escalated(finding, part, input)));
  const reasons = (): ReviewReason[] => reviewReasons(found, input);
  if (findings.some(({ policy }) => policy === 'review')) {
    return outcome('manual_review', findings, { reviewReasons: reasons() });
  }
  const repairs = repairsOf(findings, plan, expected);
  if (repairs.length > 0) return outcome('repair_queue', findings, { repairs });
  if (findings.some((finding) => leadsTo(finding, 'review_last'))) {
    return outcome('manual_review', findings, { reviewReasons: reasons() });
  }
  return outcome(expected.identity === 'live' ? 'clean' : 'legacy', findings, {});
}

/**
 * Whether a decision may only be written once the archive has no tasks outstanding for the item: all but clean, and
 * legacy with nothing left.
 */
export function restsOnSettledItem({ decision, findings }: Decision): boolean {
  return !(decision === 'clean' || (decision === 'legacy' && findings.length === 0));
}

/** The findings with what they lead to for this entity, before it is asked whether repairs take. */
function judgedFindings(input: DecisionInput, plan: ImagePlan): Finding[] {
  const all = inCatalogueOrder([...input.findings, ...groupFindings(plan.differences, input.policies)]);
  const quiet = new Set(input.wontFixEvidence);
  const judged = withoutTwins(all, input, plan).map((finding) =>
    withPolicies(finding, ({ policy, evidence }) => (quiet.has(evidence) ? 'report' : policy)),
  );
  const xmlIsReplaced = judged.some(
    (finding) =>
      (finding.check.startsWith('xml.') || finding.check === 'files.mb_metadata') && leadsTo(finding, 'index'),
  );
  // The next upload of the XML changes what is derived from it. A stale shape leads to none.
  return judged.filter(({ check }) => check !== 'meta.derived' || !xmlIsReplaced);
}

/**
 * A missing item lacks every image: one fact, one finding. Where all of them are found on merged items, and are to be
 * copied, those copies decide; else the missing item alone.
 */
function withoutTwins(findings: readonly Finding[], input: DecisionInput, plan: ImagePlan): readonly Finding[] {
  if (!findings.some(({ check }) => check === 'item.exists')) return findings;
  const isCopied =
    input.policies['files.image'] === 'copy_image' && plan.fetches.length === input.expected.images.length;
  const twin = isCopied ? 'item.exists' : 'files.image';
  return findings.filter(({ check }) => check !== twin);
}

function leadsTo({ parts }: Finding, policy: Policy): boolean {
  return parts.some((part) => part.policy === policy);
}

/** After how many repairs a finding that is still there needs a person: a re-upload rarely mends an item's metadata. */
function triesOf(check: string): number {
  return check.startsWith('meta.') ? 1 : 2;
}

function escalated({ check }: Finding, { policy }: FindingPart, { repairedBefore }: DecisionInput): Policy {
  return isRepair(policy) && (repairedBefore[check] ?? 0) >= triesOf(check) ? 'review' : policy;
}

function repairsOf(findings: readonly Finding[], plan: ImagePlan, { key, identity }: ExpectedState): Repair[] {
  const asks = (policy: Policy): boolean => findings.some((finding) => leadsTo(finding, policy));
  const fetches = asks('copy_image') ? plan.fetches : [];
  const clearings = asks('delete_image') ? plan.clearings : [];
  const index = fetches.length > 0 || clearings.length > 0 || asks('index') ? 'index' : null;
  const ofOrphan = asks('deindex') ? 'deindex' : null;
  return planRepairs({ key, fetches, clearings, index: identity === 'live' ? index : ofOrphan });
}

/**
 * Whoever looks sees all that needs a person, also what would have waited for repairs.
 *
 * @param found before it was asked whether repairs take: then each part has its own examples still.
 */
function reviewReasons(found: readonly Finding[], input: DecisionInput): ReviewReason[] {
  return found.flatMap((finding) =>
    finding.parts.flatMap((part) => {
      const policy = escalated(finding, part, input);
      if (policy !== 'review' && policy !== 'review_last') return [];
      return [partAsReason(finding, part, policy === part.policy ? 0 : input.repairedBefore[finding.check])];
    }),
  );
}

function outcome(decision: Outcome, findings: readonly Finding[], rest: Partial<Decision>): Decision {
  return { decision, reason: null, findings, repairs: [], reviewReasons: [], ...rest };
}

/** An event that a decision queues. */
export type Repair = EventOrder & {
  readonly entityType: EntityType;
  /** Indexes into the decision's list of repairs, each smaller than this repair's own. */
  readonly dependsOn: readonly number[];
};

/** What is to be done about one entity. */
export interface RepairNeeds {
  readonly key: EntityKey;
  readonly fetches: readonly ImageFetch[];
  readonly clearings: readonly ImageClearing[];
  /** How index.json of this entity is left: made again, deleted (an orphan's), or as it is. */
  readonly index: 'deindex' | 'index' | null;
}

/**
 * The events that mend an entity, in dependency order: copies, deletes, then indexes, as a merge's trigger queues them.
 * A delete depends on the copy that is made of its image, an index on all that changes which images its item has.
 * There is one index for each entity, and none twice.
 */
export function planRepairs({ key, fetches, clearings, index }: RepairNeeds): Repair[] {
  const { entityType, gid } = key;
  const repairs: Repair[] = [];
  const add = (order: EventOrder, dependsOn: readonly number[]): number =>
    repairs.push({ ...order, entityType, dependsOn }) - 1;

  const changes = fetches.map(({ artworkId, suffix, from }) =>
    add({ action: 'copy_image', message: { artwork_id: artworkId, old_gid: from, new_gid: gid, suffix } }, []),
  );
  const copied = clearings.map((clearing) => {
    const { artworkId, suffix, owner, copyFirst } = clearing;
    const message = { artwork_id: artworkId, old_gid: gid, new_gid: owner, suffix };
    return { ...clearing, copies: copyFirst ? [add({ action: 'copy_image', message }, [])] : [] };
  });
  const owners = new Map<string, number[]>();
  for (const { artworkId, suffix, owner, copyFirst, copies } of copied) {
    const message = { artwork_id: artworkId, gid, suffix };
    const deletion = add({ action: 'delete_image', message }, copies);
    changes.push(deletion);
    if (copyFirst) owners.set(owner, [...(owners.get(owner) ?? []), deletion]);
  }
  for (const [owner, deletions] of owners) add({ action: 'index', message: { gid: owner } }, deletions);
  if (index !== null) add({ action: index, message: { gid } }, changes);
  return repairs;
}
