import type { SelectionOptions } from './selection.ts';

/** What became of one event, or would: in words, and as a program reads it. */
export interface EventFate {
  readonly id: number;
  readonly outcome: 'dismissed' | 'refused' | 'requeued' | 'skipped';
  readonly words: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/**
 * Prints what became of each event, one a line, and below it, beside the list, how many there were of each.
 *
 * @throws {Error} where an event that was asked for by its id was refused
 */
export function reportFates(fates: readonly EventFate[], { dryRun, json, all }: SelectionOptions): void {
  process.stdout.write(
    fates
      .map(({ id, outcome, words, detail }) =>
        json
          ? `${JSON.stringify({ id, outcome, ...detail, ...(dryRun && { dry_run: true }) })}\n`
          : `event ${id}: ${words}\n`,
      )
      .join(''),
  );
  const counts = (['requeued', 'dismissed', 'skipped', 'refused'] as const).flatMap((outcome) => {
    const count = fates.filter((fate) => fate.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${dryRun ? 'would be ' : ''}${outcome}`];
  });
  const summary = counts.length === 0 ? 'There are none' : counts.join(', ');
  process.stderr.write(`${summary}${dryRun ? '; nothing was changed' : ''}\n`);
  const refused = fates.filter(({ outcome }) => outcome === 'refused');
  if (!all && refused.length > 0) {
    throw new Error(
      `${refused.length} of what was asked for ${dryRun ? 'would not be' : 'was not'} done; the reasons stand above`,
    );
  }
}
