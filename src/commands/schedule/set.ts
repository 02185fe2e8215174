import { Argument, type Command, InvalidArgumentError } from 'commander';
import { clearPace, type PaceOrder, readFullPass, readPace, setPace } from '../../database/pace/index.ts';
import { configOf } from '../configuration.ts';
import { withDatabase } from '../database.ts';
import { addOperatorOptions, operatorOf, type OperatorOptions } from '../operator.ts';
import { fullPassInWords, paceInWords } from '../../wording/pace.ts';
import { printLines } from '../../terminal/terminal.ts';

export function addSet(schedule: Command): void {
  const set = schedule
    .command('set')
    .summary('set the pace of audits')
    .description(
      "Sets how many audits are started, e.g. 600/hour, 10/hour (one in 6 minutes) or 5000/day. It overrides the file's " +
        'pace, also after restarts, until `schedule set default`.',
    )
    .addArgument(new Argument('<pace>', 'so many an hour or a day, or default').argParser(parsePace));
  addOperatorOptions(set).action(async (pace: PaceOrder | 'default', options: OperatorOptions, command: Command) => {
    const config = configOf(command);
    await withDatabase(config.database, async (db) => {
      const by = operatorOf(options);
      if (pace === 'default') await clearPace(db, by);
      else await setPace(db, pace, by);
      const inForce = await readPace(db, config);
      const fullPass = await readFullPass(db, inForce.perHour);
      printLines([paceInWords(inForce), `A full pass: ${fullPassInWords(fullPass)}`]);
    });
  });
}

function parsePace(text: string): PaceOrder | 'default' {
  if (text === 'default') return text;
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,9})?)\/(hour|day)$/.exec(text) ?? [];
  if (number === undefined) {
    throw new InvalidArgumentError('It takes e.g. 600/hour, 10/hour or 5000/day, or default.');
  }
  if (Number(number) === 0) {
    throw new InvalidArgumentError('It takes a number above 0; `schedule pause` stops audits.');
  }
  return unit === 'day' ? { perDay: Number(number) } : { perHour: Number(number) };
}
