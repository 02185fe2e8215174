import { type Command, InvalidArgumentError } from 'commander';
import { inWords } from '../database/schema/deployment.ts';
import { adoptDatabase } from '../database/ingest/adopt.ts';
import { printLines } from '../terminal/terminal.ts';
import { numberOf } from '../wording/text.ts';
import { checkMigrated, configOf, withDatabase } from './database.ts';
import { UsageError } from './errors.ts';
import { addOperatorOptions, operatorOf, type OperatorOptions } from './option-values.ts';

interface Options extends OperatorOptions {
  readonly moved?: boolean;
  readonly dumpedAt?: Date;
}

export function addAdopt(program: Command): void {
  const adopt = program
    .command('adopt')
    .summary('take a copied or moved database for what it is')
    .description(
      "A copy of a database (a dump restored under another name, or on another server) would do its original's work, so " +
        'workers, starters and the dashboard refuse it. This makes it a separate deployment, which needs its own namespace ' +
        'in Temporal; with --moved it is the same deployment, restored or upgraded.',
    )
    .option('--moved', 'it is the same deployment: the original is gone')
    .option(
      '--dumped-at <moment>',
      'with --moved: when the dump was made that it was restored from, e.g. 2026-01-31T12:00:00Z; what changed since is made due',
      parseMoment,
    );
  addOperatorOptions(adopt).action(async (options: Options, command: Command) => {
    const { moved: isMoved = false, dumpedAt: restoredAsOf = null } = options;
    if (restoredAsOf !== null && !isMoved) throw new UsageError('--dumped-at is for a moved database: say --moved too');
    const { database } = configOf(command);
    await checkMigrated(database);
    await withDatabase(database, async (db) => {
      const { identity, madeDue } = await adoptDatabase(db, { isMoved, restoredAsOf, by: operatorOf(options) });
      const due =
        restoredAsOf === null
          ? ''
          : `; ${numberOf(madeDue, 'entity is', 'entities are')} due, which events since then name. ` +
            'Run `scan archive` for what was written at the archive alone';
      printLines([`This is ${inWords(identity)}${isMoved ? ', as before' : ', from now on'}${due}`]);
    });
  });
}

/** With its offset: a moment that two readers take for two is none. */
function parseMoment(text: string): Date {
  const moment = new Date(text);
  const isWhole = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  if (!isWhole || Number.isNaN(moment.getTime())) {
    throw new InvalidArgumentError('It takes a moment with its offset, e.g. 2026-01-31T12:00:00Z.');
  }
  if (moment.getTime() > Date.now()) throw new InvalidArgumentError('It lies in the future: no dump was made then.');
  return moment;
}
