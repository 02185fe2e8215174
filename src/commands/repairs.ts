import type { Command } from 'commander';
import { pauseWork, resumeWork } from '../database/brakes/stored-brakes.ts';
import { countWaitingRepairs } from '../database/queue/counts.ts';
import { inUtc } from '../domain/brake.ts';
import type { EntityType } from '../domain/entity.ts';
import { printJson, printLines } from '../terminal/terminal.ts';
import { ofArchive } from '../wording/schedule.ts';
import { configOf, withDatabase } from './database.ts';
import { addOperatorOptions, entityTypeOption, operatorOf, type OperatorOptions } from './option-values.ts';

interface Options extends OperatorOptions {
  readonly entityType?: EntityType;
  readonly json?: boolean;
}

/** Repairs are counted up to there: "10,000 or more". */
const countLimit = 10_000;

export function addRepairs(program: Command): void {
  const repairs = program
    .command('repairs')
    .description(
      'Repairs: the events that audits queued. An emergency stop keeps them from being carried out, while events of ' +
        'MusicBrainz and of people continue; `events withdraw` takes them out of the queue.',
    )
    .helpCommand(false);
  addPause(repairs);
  addResume(repairs);
}

function addPause(repairs: Command): void {
  const pause = repairs
    .command('pause')
    .summary('carry out no more repairs')
    .description(
      'Lets repairs in progress end, and starts no more events that audits queued until `repairs resume`, for every worker ' +
        'and over restarts. Audits continue, and queue what they find as the mode says.',
    );
  addOperatorOptions(pause)
    .addOption(entityTypeOption('repairs'))
    .option('--json', 'print one JSON object')
    .action(async (options: Options, command: Command) => {
      await withDatabase(configOf(command).database, async (db) => {
        const { entityType = null } = options;
        const { reason, since } = await pauseWork(db, { what: 'repairs', entityType }, operatorOf(options));
        const waiting = await countWaitingRepairs(db, countLimit);
        const many = `${waiting.toLocaleString('en')}${waiting === countLimit ? ' or more' : ''}`;
        if (options.json) printJson([{ paused: true, entity_type: entityType, since, reason, waiting }]);
        else {
          const which = `Repairs${ofArchive(entityType)}`;
          printLines([`${which} are paused since ${inUtc(since)} (${reason}); ${many} queued or running`]);
        }
      });
    });
}

function addResume(repairs: Command): void {
  const resume = repairs
    .command('resume')
    .summary('carry out repairs again')
    .description('Ends what `repairs pause` began: what is queued by then is carried out.');
  addOperatorOptions(resume)
    .addOption(entityTypeOption('repairs'))
    .option('--json', 'print one JSON object')
    .action(async (options: Options, command: Command) => {
      await withDatabase(configOf(command).database, async (db) => {
        const { entityType = null } = options;
        const ended = await resumeWork(db, { what: 'repairs', entityType }, operatorOf(options));
        if (options.json) printJson([{ paused: false, entity_type: entityType, was_paused: ended !== null }]);
        else
          printLines([`Repairs${ofArchive(entityType)} ${ended === null ? 'were not paused' : 'are started again'}`]);
      });
    });
}
