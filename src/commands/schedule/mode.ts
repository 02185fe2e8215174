import { Argument, type Command } from 'commander';
import { changeMode, type Mode } from '../../database/pace/index.ts';
import { modeInWords } from '../../wording/schedule.ts';
import { printLines } from '../../terminal/terminal.ts';
import { configOf } from '../configuration.ts';
import { withDatabase } from '../database.ts';
import { addOperatorOptions, operatorOf, type OperatorOptions } from '../operator.ts';

export function addMode(schedule: Command): void {
  const command = schedule
    .command('mode')
    .summary('set whether repairs are queued')
    .description(
      'Sets whether what audits find is only recorded (report) or repaired too (repair), for every worker at once. The ' +
        "file's [audit] mode was the first value, and counts no more. Whatever waits for repair mode becomes due with it.",
    )
    .addArgument(new Argument('<mode>', 'repair or report').choices(['repair', 'report']));
  addOperatorOptions(command).action(async (mode: Mode, options: OperatorOptions, command: Command) => {
    const config = configOf(command);
    await withDatabase(config.database, async (db) => {
      await changeMode(db, config.audit, { mode, by: operatorOf(options) });
      printLines([`The mode is ${modeInWords[mode]}`]);
    });
  });
}
