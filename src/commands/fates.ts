import { printJson, printLines } from '../terminal/terminal.ts';
/** What an action was done to. */
export type Noun = 'event' | 'review';

/** What became of one event or review, or would: in words, and as a program reads it. */
export interface Fate {
  readonly id: number;
  readonly outcome: Outcome;
  readonly words: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** In the order in which they are counted. */
const outcomes = ['requeued', 'dismissed', 'resolved', 'wont_fix', 'reopened', 'skipped', 'refused'] as const;
type Outcome = (typeof outcomes)[number];

export interface ReportOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly all?: boolean;
}

/** Prints what became of each, a line each. */
export function printFates(noun: Noun, fates: readonly Fate[], { json, dryRun }: ReportOptions): void {
  if (json) {
    printJson(fates.map(({ id, outcome, detail }) => ({ id, outcome, ...detail, ...(dryRun && { dry_run: true }) })));
  } else printLines(fates.map(({ id, words }) => `${noun} ${id}: ${words}`));
}

/**
 * Says, beside the list, how many there were of each outcome.
 *
 * @throws {Error} where something that was asked for by its id was refused
 */
export function summarizeFates(
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

/** Both, for all that an action was done to. @throws {Error} as `summarizeFates` does */
export function reportFates(noun: Noun, fates: readonly Fate[], options: ReportOptions): void {
  printFates(noun, fates, options);
  const counts: Partial<Record<Outcome, number>> = {};
  for (const { outcome } of fates) counts[outcome] = (counts[outcome] ?? 0) + 1;
  summarizeFates(counts, options);
}
