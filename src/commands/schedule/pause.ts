import type { Command } from 'commander';
import { pauseAudits, resumeAudits } from '../../database/brakes/index.ts';
import type { Database } from '../../database/connection.ts';
import { configOf } from '../configuration.ts';
import { withDatabase } from '../database.ts';
import { toSeconds } from '../../wording/moment.ts';
import { addOperatorOptions, operatorOf, type OperatorOptions } from '../operator.ts';
import { followInTemporal } from './temporal.ts';
import { printLines } from '../../terminal/terminal.ts';

export function addPause(schedule: Command): void {
  const pause = schedule
    .command('pause')
    .summary('start no more audits')
    .description(
      'Lets audits in progress end, and starts no more paced ones until `schedule resume`. It works without Temporal, ' +
        'whose own schedule is paused too, at once or as soon as it can be reached. Events go on.',
    );
  addOperatorOptions(pause).action(async (options: OperatorOptions, command: Command) => {
    await withDatabase(configOf(command).database, async (db) => {
      const { since, reason } = await pauseAudits(db, operatorOf(options));
      printLines([`Audits are paused since ${toSeconds(since)} (${reason})`]);
      printLines([await followInTemporal(db)], process.stderr);
    });
  });
}

export function addResume(schedule: Command): void {
  const resume = schedule
    .command('resume')
    .summary('start audits again')
    .description('Ends what `schedule pause` began. Other brakes stay on; `schedule show` has them all.');
  addOperatorOptions(resume).action(async (options: OperatorOptions, command: Command) => {
    await withDatabase(configOf(command).database, (db) => resumePaced(db, options));
  });
}

/** Ends the pause, in the database and in Temporal, and prints what it found. */
export async function resumePaced(db: Database, options: OperatorOptions): Promise<void> {
  const ended = await resumeAudits(db, operatorOf(options));
  printLines([ended === null ? 'Audits were not paused' : 'Audits are started again']);
  printLines([await followInTemporal(db)], process.stderr);
}
