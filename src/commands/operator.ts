import type { Command } from 'commander';
import type { Operator } from '../database/brakes/index.ts';
import { loginName } from '../config/login-name.ts';
import { someText } from './option-values.ts';

export interface OperatorOptions {
  readonly actor?: string;
  readonly note?: string;
}

/** Adds what is recorded of whoever changes something. */
export function addOperatorOptions(command: Command): Command {
  return command
    .option('--actor <name>', 'who does this, for the record; your login name otherwise', someText)
    .option('--note <text>', 'why, for the record', someText);
}

/** The person who runs a command: as `--actor` says, else by the login name, of the one before `sudo` where there is one. */
export function operatorOf({ actor, note }: OperatorOptions, env: NodeJS.ProcessEnv = process.env): Operator {
  return { actor: actor ?? env.SUDO_USER ?? loginName(env), note: note ?? null };
}
