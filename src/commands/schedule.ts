import type { Command } from 'commander';
import { addMode, addPause, addRelease, addResume, addSet } from './schedule/change.ts';
import { addShow } from './schedule/show.ts';

export function addSchedule(program: Command): void {
  const schedule = program
    .command('schedule')
    .description(
      'The pace of paced audits, whether they repair, and what keeps them and events from being started. What is set here is in the database: ' +
        'it holds for every worker, outlives them, and is recorded with who did it.',
    )
    .helpCommand(false);
  for (const add of [addShow, addPause, addResume, addSet, addMode, addRelease]) add(schedule);
}
