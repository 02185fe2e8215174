import type { Command } from 'commander';
import { requeueEvents, type RequeueResult } from '../../database/event-states/index.ts';
import { configOf } from '../configuration.ts';
import { withDatabase } from '../database.ts';
import { type Fate, reportFates } from '../fates.ts';
import { operatorOf } from '../operator.ts';
import { addSelection, checkSelection, readSelection, type SelectionOptions } from './selection.ts';

export function addRequeue(events: Command): void {
  const requeue = events
    .command('requeue')
    .summary('queue failed events again')
    .description(
      'Queues failed events again, and gives them all their attempts again. What failed because of one of them goes ' +
        'along. One that is queued already in another row is skipped; one that depends on an event that stays failed is ' +
        'refused.',
    );
  addSelection(requeue, ['failed', 'queued']).action(
    async (ids: readonly number[], options: SelectionOptions, command: Command) => {
      checkSelection(ids, options);
      const { dryRun = false } = options;
      const result = await withDatabase(configOf(command).database, async (db) =>
        requeueEvents(db, await readSelection(db, ids, options), operatorOf(options), { dryRun }),
      );
      reportFates('event', fatesOf(result, dryRun), options);
    },
  );
}

function fatesOf({ requeued, along, skipped, refused }: RequeueResult, dryRun: boolean): Fate[] {
  const alongToo = new Set(along);
  return [
    ...requeued.map((id) => ({
      id,
      outcome: 'requeued' as const,
      words: `${dryRun ? 'would be queued again' : 'queued again'}${alongToo.has(id) ? ', along with what it depends on' : ''}`,
      detail: { along: alongToo.has(id) },
    })),
    ...skipped.map(({ id, twin }) => ({
      id,
      outcome: 'skipped' as const,
      words: `skipped: event ${twin} is the same${dryRun ? '' : ', and queued'}`,
      detail: { twin },
    })),
    ...refused.map(({ id, reason }) => ({
      id,
      outcome: 'refused' as const,
      words: `refused: ${reason}`,
      detail: { reason },
    })),
  ];
}
