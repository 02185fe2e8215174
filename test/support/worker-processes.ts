import { rm, writeFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from './deployment.ts';
import { startExecutable, type Executable, type ExecutableOptions } from './executable.ts';

/** A line of a worker's log. */
export interface LogLine {
  /** pino's: 30 is information, 40 a warning, 50 an error. */
  readonly level: number;
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** `artwork-reconciler worker` as a process of its own. */
export interface WorkerProcess extends Executable {
  /** What it has logged so far. @throws {SyntaxError} where a line is none of its log. */
  log(): readonly LogLine[];
}

interface WorkerProcessOptions extends Pick<ExecutableOptions, 'prefix'> {
  readonly args?: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts a worker of a deployment as a process of its own, and waits until it works. */
export async function startWorkerProcess(
  { environment }: Pick<Deployment, 'environment'>,
  { args = [], settings = {}, prefix }: WorkerProcessOptions = {},
): Promise<WorkerProcess> {
  const worker = launchWorkerProcess(environment, args, settings, prefix);
  await worker.untilPrinted(/"msg":"artwork-reconciler\/\S+ works"/);
  return worker;
}

/** The same, without waiting for anything. */
export function launchWorkerProcess(
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = ['--config', '/dev/null'],
  settings: Readonly<Record<string, string>> = {},
  prefix: readonly string[] = [],
): WorkerProcess {
  const executable = startExecutable(['worker', ...args], { env: { ...environment, ...settings }, prefix });
  return { ...executable, log: () => linesOf(executable.stdout()) };
}

/** A configuration file that a test may change, of a whole deployment's environment. */
export async function writableConfig(): Promise<{
  readonly path: string;
  write(text: string): Promise<void>;
  remove(): Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'ar-config-'));
  const path = join(folder, 'config.ini');
  return {
    path,
    write: (text) => writeFile(path, text),
    remove: () => rm(folder, { recursive: true }),
  };
}

/** The last line may still be on its way. */
function linesOf(printed: string): LogLine[] {
  return printed
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as LogLine);
}
