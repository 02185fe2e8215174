import type { Command } from 'commander';
import { pauseWork, resumeWork } from '../../database/brakes/stored-brakes.ts';
import type { Queryable } from '../../database/connection.ts';
import { countByState } from '../../database/queue/counts.ts';
import { inUtc } from '../../domain/brake.ts';
import type { EntityType } from '../../domain/entity.ts';
import { printJson, printLines } from '../../terminal/terminal.ts';
import { ofArchive } from '../../wording/schedule.ts';
import { configOf, withDatabase } from '../database.ts';
import { addOperatorOptions, entityTypeOption, operatorOf, type OperatorOptions } from '../option-values.ts';

interface Options extends OperatorOptions {
  readonly entityType?: EntityType;
  readonly json?: boolean;
}

export function addPause(events: Command): void {
  const pause = events
    .command('pause')
    .summary('start no more events')
    .description(
      'Lets what is in progress end, and starts no more events until `events resume`. The record is in the database: it holds ' +
        'for every worker, and outlives them. Audits continue.',
    );
  addOperatorOptions(pause)
    .addOption(entityTypeOption('events'))
    .option('--json', 'print one JSON object')
    .action(async (options: Options, command: Command) => {
      await withDatabase(configOf(command).database, async (db) => {
        const { entityType = null } = options;
        const { reason, since } = await pauseWork(db, { what: 'events', entityType }, operatorOf(options));
        const running = await countRunning(db);
        const words = `Events${ofArchive(entityType)} are paused since ${inUtc(since)} (${reason}); ${running} running`;
        if (options.json) printJson([{ paused: true, entity_type: entityType, since, reason, running }]);
        else printLines([words]);
      });
    });
}

export function addResume(events: Command): void {
  const resume = events
    .command('resume')
    .summary('start events again')
    .description('Ends what `events pause` began. What else stops events, e.g. refused keys, is in `schedule show`.');
  addOperatorOptions(resume)
    .addOption(entityTypeOption('events'))
    .option('--json', 'print one JSON object')
    .action(async (options: Options, command: Command) => {
      await withDatabase(configOf(command).database, async (db) => {
        const { entityType = null } = options;
        const ended = await resumeWork(db, { what: 'events', entityType }, operatorOf(options));
        if (options.json) printJson([{ paused: false, entity_type: entityType, was_paused: ended !== null }]);
        else printLines([`Events${ofArchive(entityType)} ${ended === null ? 'were not paused' : 'are started again'}`]);
      });
    });
}

/** Whose ever they are: the other daemon's count too, for whoever waits until none is left. */
async function countRunning(q: Queryable): Promise<number> {
  return (await countByState(q, 10_000)).running.count;
}
