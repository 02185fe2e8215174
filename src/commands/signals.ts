import type { Command } from 'commander';
import type { Logger } from 'pino';
import { describeChanges, readAtStartOnly, type Reloading } from '../config/changes.ts';
import type { Config } from '../config/config.ts';
import { inOneLine } from '../terminal/terminal.ts';
import { configOf } from './database.ts';

/** What a supervisor sends, from `catchSignals` on. */
export interface CaughtSignals {
  /** From now on; those that came before are given at once. */
  obey(take: (signal: NodeJS.Signals) => void): void;
  release(): void;
}

/**
 * Catches what a supervisor sends from the first moment on: a SIGHUP that comes while the process is still starting would
 * end it, and a SIGTERM would leave its start half-done.
 */
export function catchSignals(): CaughtSignals {
  const early: NodeJS.Signals[] = [];
  let taker = (signal: NodeJS.Signals): void => void early.push(signal);
  const take = (signal: NodeJS.Signals): void => taker(signal);
  process.on('SIGTERM', take).on('SIGINT', take).on('SIGHUP', take);
  return {
    obey(taken) {
      taker = taken;
      for (const signal of early.splice(0)) taken(signal);
    },
    release: () => void process.off('SIGTERM', take).off('SIGINT', take).off('SIGHUP', take),
  };
}

/**
 * The configuration as it is now, with what changed in the log; null where it is wrong, which changes nothing: the process
 * continues with the one it has.
 *
 * @param requirement throws where the process could not continue with it
 * @param log given here, not imported: with it comes all of Temporal's worker, and commands catch signals too
 */
export async function readAgain(
  current: Config,
  command: Command,
  process: Reloading,
  requirement: (config: Config) => Promise<void> | void,
  log: Pick<Logger, 'error' | 'info'>,
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
