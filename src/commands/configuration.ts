import type { Command } from 'commander';
import { type Config, readConfig } from '../config/config.ts';

/**
 * The configuration that a command runs with: of `--config`, wherever it stands on the line, and the environment.
 *
 * @throws {ConfigError}
 */
export function configOf(command: Command): Config {
  const { config: file } = command.optsWithGlobals<{ config?: string }>();
  return readConfig({ file, env: process.env });
}
