import type { Command } from 'commander';
import { type StoredBrakeName, storedBrakeNames } from '../../database/brakes/index.ts';
import type { Database } from '../../database/connection.ts';
import { takeBrakeOff } from '../../database/event-states/index.ts';
import { computedEndings } from '../../wording/brakes.ts';
import { configOf } from '../configuration.ts';
import { withDatabase } from '../database.ts';
import { UsageError } from '../errors.ts';
import { addOperatorOptions, operatorOf, type OperatorOptions } from '../operator.ts';
import { resumePaced } from './pause.ts';
import { printLines } from '../../terminal/terminal.ts';

export function addRelease(schedule: Command): void {
  const release = schedule
    .command('release')
    .summary('take a brake off')
    .description(
      `Takes a brake off: ${storedBrakeNames.join(', ')}. What put it on is forgotten with it, and it takes new ` +
        'observations to put it on again. The others end by themselves, with what they follow from.',
    )
    .argument('<brake>', 'the name of a brake, as `schedule show` has it');
  addOperatorOptions(release).action(async (name: string, options: OperatorOptions, command: Command) => {
    const brake = parseBrake(name);
    await withDatabase(configOf(command).database, async (db) =>
      brake === 'audits_paused' ? resumePaced(db, options) : releaseStored(db, brake, options),
    );
  });
}

async function releaseStored(db: Database, name: StoredBrakeName, options: OperatorOptions): Promise<void> {
  const released = await takeBrakeOff(db, { name, by: operatorOf(options) });
  printLines([released === null ? `${name} was not on` : `${name} is off; it was on: ${released.reason}`]);
}

/**
 * @throws {UsageError} where there is no such brake
 * @throws {Error} where it is one that follows from something else, and how it ends
 */
function parseBrake(name: string): StoredBrakeName {
  const stored = storedBrakeNames.find((known) => known === name);
  if (stored !== undefined) return stored;
  const ending = Object.entries(computedEndings).find(([known]) => known === name)?.[1];
  if (ending !== undefined) throw new Error(`${name} can't be taken off: ${ending}`);
  throw new UsageError(`there is no brake ${JSON.stringify(name)}; there are ${storedBrakeNames.join(', ')}`);
}
