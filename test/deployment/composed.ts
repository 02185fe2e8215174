import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { readExample } from './compose-file.ts';

const execute = promisify(execFile);
const repository = resolve(import.meta.dirname, '../..');

/** Runs a program to its end. @throws {Error} with all that it printed */
export async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const options = { cwd: repository, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
  try {
    return (await execute(command, args, options)).stdout.trim();
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')}: ${stderr}${stdout}`, { cause: error });
  }
}

export const docker = (...args: readonly string[]): Promise<string> => run('docker', args, { DOCKER_BUILDKIT: '0' });

/** What docker-compose.yml describes, of an image and with a project name of its own. */
export class Composed {
  private readonly folder = mkdtempSync(join(tmpdir(), 'ar-composed-'));
  private readonly options: readonly string[];
  private readonly program: string;

  /**
   * @param variables of .env. The simulator's addresses are there already.
   * @param override as docker-compose.override.yml would be
   */
  constructor(program: string, project: string, variables: Readonly<Record<string, string>>, override: object) {
    this.program = program;
    const { optional } = readExample();
    const simulators = Object.fromEntries(Object.entries(optional).filter(([, value]) => value.includes('simulator')));
    const [env, more] = [join(this.folder, 'env'), join(this.folder, 'override.yml')];
    const lines = Object.entries({ ...simulators, ...variables }).map(([name, value]) => `${name}='${value}'\n`);
    writeFileSync(env, lines.join(''));
    writeFileSync(more, stringify(override).replaceAll("'!override'", '!override'));
    const files = ['--file', join(repository, 'docker-compose.yml'), '--file', more];
    this.options = ['--project-name', project, '--env-file', env, ...files, '--profile', '*'];
  }

  /** `docker compose` with these words. */
  compose(...words: readonly string[]): Promise<string> {
    return run(this.program, [...this.options, ...words]);
  }

  /** The containers of a service that run, the oldest first. */
  async containers(service: string): Promise<readonly string[]> {
    const ids = (await this.compose('ps', '--quiet', service)).split('\n').filter((id) => id !== '');
    const created = ids.map(async (id) => [await docker('inspect', '--format', '{{.Created}}', id), id] as const);
    return (await Promise.all(created)).sort(([one], [other]) => one.localeCompare(other)).map(([, id]) => id);
  }

  /** Runs a command of ours inside the worker. */
  reconciler(...words: readonly string[]): Promise<string> {
    return this.compose('exec', '-T', 'worker', 'artwork-reconciler', ...words);
  }

  /** @returns rows of text, of the first column */
  async query(sql: string): Promise<readonly string[]> {
    const psql = ['psql', '--username=musicbrainz', '--dbname=musicbrainz_db', '--no-align', '--tuples-only'];
    const printed = await this.compose('exec', '-T', 'postgresql', ...psql, '--command', sql);
    return printed.split('\n').filter((line) => line !== '');
  }

  async remove(): Promise<void> {
    await this.compose('down', '--volumes', '--timeout', '1');
    rmSync(this.folder, { recursive: true });
  }
}
