import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { configOf } from '../configuration.ts';
import { inOneLine } from '../errors.ts';
import { type CheckOutcome, failed, ok, warning } from './outcome.ts';

/** The configuration, and what is to be said of it; null where nothing else can be looked at without one. */
export function checkConfiguration(command: Command): { config: Config | null; outcome: CheckOutcome } {
  let config: Config;
  try {
    config = configOf(command);
  } catch (error) {
    return { config: null, outcome: failed('configuration', inOneLine(error)) };
  }
  const { contact } = config.archive;
  const from = sourceOf(command);
  if (contact === null) {
    const detail = `${from}: [archive] contact is missing: no worker starts, and nobody asks the archive without it`;
    return { config, outcome: failed('configuration', detail) };
  }
  const lacking = (['caa', 'eaa'] as const).filter((project) => !hasKey(config, project));
  if (lacking.length === 0) return { config, outcome: ok('configuration', from) };
  const without = `${from}; no key of ${lacking.join(' and ')}: nothing can be written there, nor its tasks be seen`;
  return { config, outcome: warning('configuration', without) };
}

export function hasKey({ s3 }: Config, project: 'caa' | 'eaa'): boolean {
  const [access, secret] = project === 'caa' ? [s3.caaAccess, s3.caaSecret] : [s3.eaaAccess, s3.eaaSecret];
  return access !== null && secret !== null;
}

function sourceOf(command: Command): string {
  const { config: file } = command.optsWithGlobals<{ config?: string }>();
  if (file !== undefined) return resolve(file);
  return existsSync('config.ini') ? resolve('config.ini') : 'environment and defaults';
}
