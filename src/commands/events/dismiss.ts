import type { Command } from 'commander';
import { dismissEvents, type DismissResult } from '../../database/event-states/index.ts';
import { configOf } from '../configuration.ts';
import { withDatabase } from '../database.ts';
import { type Fate, reportFates } from '../fates.ts';
import { operatorOf } from '../operator.ts';
import { addSelection, checkSelection, readSelection, type SelectionOptions } from './selection.ts';

export function addDismiss(events: Command): void {
  const dismiss = events
    .command('dismiss')
    .summary('hide failed events from lists and alerts')
    .description(
      'Hides failed events from lists, counts and alerts. They stay failed; requeueing one undoes it, and so does ' +
        'whatever else changes it.',
    );
  addSelection(dismiss, ['failed']).action(
    async (ids: readonly number[], options: SelectionOptions, command: Command) => {
      checkSelection(ids, options);
      const { dryRun = false } = options;
      const result = await withDatabase(configOf(command).database, async (db) =>
        dismissEvents(db, await readSelection(db, ids, options), operatorOf(options), { dryRun }),
      );
      reportFates('event', fatesOf(result, dryRun), options);
    },
  );
}

function fatesOf({ dismissed, refused }: DismissResult, dryRun: boolean): Fate[] {
  return [
    ...dismissed.map((id) => ({
      id,
      outcome: 'dismissed' as const,
      words: dryRun ? 'would be dismissed' : 'dismissed',
    })),
    ...refused.map(({ id, reason }) => ({
      id,
      outcome: 'refused' as const,
      words: `refused: ${reason}`,
      detail: { reason },
    })),
  ];
}
