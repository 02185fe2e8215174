import { findCheck } from '../checks/catalogue.ts';
import type { Example, Finding, FindingPart } from '../checks/finding.ts';

/** One reason why a person has to decide: a finding, or something else that needs one. */
export interface ReviewReason {
  /** Null where it is not a finding: repairs that failed for good, an audit that could never be made. */
  readonly check: string | null;
  /** For people: one sentence that stands alone. */
  readonly reason: string;
  readonly count: number;
  /** Null where it is not a finding: then there is nothing that a person could let stand. */
  readonly evidence: string | null;
  readonly examples: readonly Example[];
}

/** What is wrong, and what a person does about it. */
interface Advice {
  /** A few words without an article. */
  readonly title: string;
  readonly wrong: string;
  readonly steps: readonly string[];
}

/** What a person reads about a reason. What is no finding of the catalogue is recognized by how its text begins. */
export function adviceOn({ check, reason }: Pick<ReviewReason, 'check' | 'reason'>): Advice {
  const entry = check === null ? null : findCheck(check);
  if (entry !== null) return entry;
  return otherReasons.find(({ begins }) => begins.test(reason)) ?? unforeseen;
}

const otherReasons: readonly (Advice & { readonly begins: RegExp })[] = [
  {
    begins: /^(a repair|\d+ repairs) failed for good/,
    title: 'repair failed',
    wrong: 'An event that an audit queued used up its attempts, or can’t be carried out at all.',
    steps: [
      'Open the event: it has the archive’s answer to each attempt.',
      'AccessDenied: the item belongs to another account; ask the archive to hand it over. 5xx or a time-out: requeue the event.',
      'Refused by the guard before deletions: resolve, and the audit reads how things are now.',
    ],
  },
  {
    begins: /^could not be judged/,
    title: 'could not be judged',
    wrong: 'Several consecutive audits came to nothing, each for a reason that is this entity’s own.',
    steps: [
      'Outstanding tasks: ask the archive’s staff to clear the one that hangs.',
      'Something that can’t be read: open its address in a browser, and show it to the archive’s staff.',
      'Resolve: it is audited again.',
    ],
  },
];

const unforeseen: Advice = {
  title: 'needs a person',
  wrong: 'Something else than a check of this version’s catalogue asks for a person.',
  steps: ['Read the reason below.', 'Resolve: it is audited again.'],
};

/**
 * A part of a finding as a reason, in words that name its first example.
 *
 * @param triesInVain repairs after which it is still there, where that is why a person is asked
 */
export function partAsReason({ check, examples }: Finding, part: FindingPart, triesInVain = 0): ReviewReason {
  const { count, evidence } = part;
  const ofPart = examples.filter(({ policy }) => policy === part.policy);
  const [first] = ofPart;
  const what = first === undefined ? '' : `: ${first.subject}: expected ${first.expected}, found ${first.found}`;
  const stubborn = triesInVain > 0 ? `; repairs don’t take, it is still there after ${triesInVain}` : '';
  const reason = `${check}${count > 1 ? ` (${count})` : ''}${what}${stubborn}`;
  return { check, reason, count, evidence, examples: ofPart };
}
