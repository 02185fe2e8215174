import type { Command } from 'commander';
import { describeChanges, readAtStartOnly, type Reloading } from '../config/changes.ts';
import type { Config } from '../config/config.ts';
import { log } from '../logging/log.ts';
import { configOf } from './configuration.ts';
import { inOneLine } from './errors.ts';

/**
 * The configuration as it is now, with what changed in the log; null where it is wrong, which changes nothing: the process
 * goes on with the one it has.
 *
 * @param requirement throws where the process could not go on with it
 */
export async function readAgain(
  current: Config,
  command: Command,
  process: Reloading,
  requirement: (config: Config) => Promise<void> | void,
): Promise<Config | null> {
  try {
    const config = configOf(command);
    await requirement(config);
    const changes = describeChanges(current, config);
    const atRestart = changes.filter((change) => readAtStartOnly(process, change));
    log.info(
      { changes, ...(atRestart.length > 0 && { in_force_after_restart: atRestart }) },
      changes.length === 0 ? 'configuration read again: nothing changed' : 'configuration changed',
    );
    return config;
  } catch (error) {
    log.error(`configuration not taken over: ${inOneLine(error)}`);
    return null;
  }
}
