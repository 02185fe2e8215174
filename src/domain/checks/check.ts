import type { Difference, Policy } from './finding.ts';

/** What a check reads. The function of each family takes the same input. */
export type Family = 'derived' | 'images' | 'index' | 'item' | 'orphan' | 'xml';

/** Who can act on a finding that a person decides on: whose reviews, lists and exports it is in. */
export const audiences = ['archive_staff', 'musicbrainz_editors', 'operators'] as const;
export type Audience = (typeof audiences)[number];

export const audienceNames: Readonly<Record<Audience, string>> = {
  archive_staff: 'archive staff',
  musicbrainz_editors: 'MusicBrainz editors',
  operators: 'operators',
};

/** An entry of the catalogue. Texts are for operators: the dashboard and the docs show them. */
export interface CheckEntry {
  /** Also the key in the configuration's section of policies. */
  readonly name: string;
  readonly family: Family;
  readonly audience: Audience;
  /** When the check holds. */
  readonly sentence: string;
  /** What is wrong where it doesn’t, in a few words without an article: `image missing`. */
  readonly title: string;
  /** The same as a sentence. */
  readonly wrong: string;
  /** What a person does about a finding, in this order; `code` in backticks. */
  readonly steps: readonly string[];
  /** A finding is about images: who judges it has to see them. */
  readonly showsImages?: true;
  /** Why a finding leads to what it leads to by default. */
  readonly why: string;
  /** Those that make sense; the default comes first. */
  readonly policies: readonly [Policy, ...Policy[]];
  /**
   * It is recorded even where it is to be ignored, and then decides nothing: what else is done rests on its findings.
   */
  readonly alwaysRecorded?: true;
}

/** A check that is a function of its family's input. It reports every difference, and does not stop at the first. */
export interface Check<Input> extends CheckEntry {
  readonly differences: (input: Input) => Iterable<Difference>;
}

/**
 * How many differences of one check are read. A hostile or broken document may have millions; a finding of ten
 * thousand says all there is to say.
 */
export const maxDifferences = 10_000;

export function runChecks<Input>(checks: readonly Check<Input>[], input: Input): Difference[] {
  const found: Difference[] = [];
  for (const check of checks) {
    let count = 0;
    for (const difference of check.differences(input)) {
      found.push(difference);
      if (++count >= maxDifferences) break;
    }
  }
  return found;
}

/** What a person does where an upload of what is made from MusicBrainz alone did not take. */
export const stepsAfterUpload: readonly string[] = [
  'Check the entity’s events: when was it uploaded, and did the archive accept it?',
  'See under history/ whether another program writes to the item.',
  'Give the archive’s staff the item, the file and the RequestIds of the attempts. Then resolve: it is uploaded again.',
];

/** Policies of findings that a person decides about, or nobody. */
export const policiesWithoutRepair = ['review', 'review_last', 'report', 'ignore'] as const;

/** A value of a document in words. What was found may be of any size: it is cut here. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  return cut(typeof value === 'string' ? JSON.stringify(value.slice(0, 1000)) : JSON.stringify(value), 1000);
}

export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
