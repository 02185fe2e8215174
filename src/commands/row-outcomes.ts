import type { Config } from '../config/config.ts';
import type { EntityName } from '../database/musicbrainz/entity-kinds.ts';
import { printJson, printLines } from '../terminal/terminal.ts';
import { quotedName } from '../wording/text.ts';
import { UsageError } from './errors.ts';

/** What an action was done to. */
export type Noun = 'entity' | 'event' | 'review';

/** What became of one event or review, or would: in words, and as a program reads it. */
export interface ShownOutcome {
  readonly id: number;
  readonly outcome: Outcome;
  /** What people call the entity that it is about, where MusicBrainz has a name. */
  readonly name?: EntityName | null;
  readonly words: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** In the order in which they are counted. */
const outcomes = [
  'requeued',
  'dismissed',
  'withdrawn',
  'resolved',
  'wont_fix',
  'reopened',
  'rechecked',
  'handed_over',
  'taken_back',
  'skipped',
  'refused',
] as const;
type Outcome = (typeof outcomes)[number];

export interface ReportOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly all?: boolean;
}

/** Prints what became of each, a line each. */
export function printOutcomes(noun: Noun, shown: readonly ShownOutcome[], { json, dryRun }: ReportOptions): void {
  if (json) {
    printJson(shown.map(({ id, outcome, detail }) => ({ id, outcome, ...detail, ...(dryRun && { dry_run: true }) })));
  } else printLines(shown.map(({ id, name, words }) => `${noun} ${id}${quotedName(name)}: ${words}`));
}

/**
 * Says, beside the list, how many there were of each outcome.
 *
 * @throws {Error} where something that was asked for by its id was refused
 */
export function summarizeOutcomes(
  counts: Readonly<Partial<Record<Outcome, number>>>,
  { dryRun, all }: ReportOptions,
): void {
  const told = outcomes.flatMap((outcome) =>
    counts[outcome] ? [`${counts[outcome]} ${dryRun ? 'would be ' : ''}${outcome.replace('_', ' ')}`] : [],
  );
  const summary = told.length === 0 ? 'There are none' : told.join(', ');
  printLines([`${summary}${dryRun ? '; nothing was changed' : ''}`], process.stderr);
  if (!all && counts.refused) {
    throw new Error(
      `${counts.refused} of what was asked for ${dryRun ? 'would not be' : 'was not'} done; the reasons stand above`,
    );
  }
}

/** Both, for all that an action was done to. @throws {Error} as `summarizeOutcomes` does */
export function reportOutcomes(noun: Noun, shown: readonly ShownOutcome[], options: ReportOptions): void {
  printOutcomes(noun, shown, options);
  const counts: Partial<Record<Outcome, number>> = {};
  for (const { outcome } of shown) counts[outcome] = (counts[outcome] ?? 0) + 1;
  summarizeOutcomes(counts, options);
}

/**
 * Whether workers carry it out, batch by batch: where nobody knows how many there are, or they are more than one transaction
 * should have.
 */
export function isForWorkers(
  ids: readonly number[],
  { all = false }: { readonly all?: boolean },
  { bulk }: Pick<Config, 'bulk'>,
): boolean {
  return all || ids.length > bulk.rows;
}

/**
 * So that nothing is done to everything by surprise: ids, or `--all` with at least one option that chooses.
 *
 * @param example of such options
 * @throws {UsageError}
 */
export function checkSelection(
  noun: Noun,
  given: { readonly ids: readonly number[]; readonly all: boolean; readonly filtered: boolean },
  example: { readonly some: string; readonly whole: string },
): void {
  const { ids, all, filtered } = given;
  if (ids.length > 0 && (all || filtered)) {
    throw new UsageError(`give either the ids of ${noun}s, or --all with what chooses them`);
  }
  if (ids.length === 0 && !all) {
    throw new UsageError(`which ${noun}s? Give their ids, or --all with what chooses them, e.g. --all ${example.some}`);
  }
  if (all && !filtered) {
    throw new UsageError(`--all takes at least one option that chooses ${noun}s; ${example.whole}`);
  }
}
