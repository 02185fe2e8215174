import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, vi } from 'vitest';

const execute = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const archiveOf = (version: string): string => join(import.meta.dirname, `${version}.worker.tar.gz`);

/** What a worker is made of, as it is built: each of these, and what they import of ours. */
const beginnings = [
  'dist/worker.js',
  'dist/workflows/index.js',
  'dist/config/config.js',
  'dist/database/connection.js',
  'dist/database/schema/deployment.js',
  'config.default.ini',
  'package.json',
];

/** Keeps the worker of this version, as `npm run build` left it; without the bundle of its workflows, which holds others' code. */
export async function packWorker(version: string): Promise<void> {
  const files = new Set<string>();
  const add = (file: string): void => {
    if (files.has(file) || !existsSync(join(root, file))) return;
    files.add(file);
    const imports = readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g);
    for (const [, imported] of imports) add(relative(root, resolve(root, dirname(file), imported!)));
  };
  for (const file of beginnings) add(file);
  const unchanging = ['--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  await execute('tar', ['-czf', archiveOf(version), ...unchanging, ...[...files].sort()], { cwd: root });
}

const script = `
  import { writeFile } from 'node:fs/promises';
  import { bundleWorkflowCode } from '@temporalio/worker';
  import { startWorker } from './dist/worker.js';
  import { readConfig } from './dist/config/config.js';
  import { openDatabase } from './dist/database/connection.js';
  import { adoptDatabase } from './dist/database/schema/deployment.js';
  const config = readConfig({ file: '/dev/null', env: process.env });
  const db = openDatabase(config.database);
  await adoptDatabase(db, { isMoved: true, restoredAsOf: null, by: { actor: 'ida' } });
  const none = () => undefined;
  const logger = { log: none, trace: none, debug: none, info: none, warn: none, error: none };
  const { code } = await bundleWorkflowCode({ workflowsPath: process.cwd() + '/dist/workflows/index.js', logger });
  await writeFile('workflow-bundle.js', code);
  const temporal = { connectionOptions: { address: process.env.TEMPORAL_ADDRESS }, namespace: process.env.TEMPORAL_NAMESPACE };
  const worker = await startWorker({ db, config: () => config, temporal, bundlePath: process.cwd() + '/workflow-bundle.js' });
  process.on('SIGTERM', () => worker.shutdown());
  console.log('it works');
  await worker.ended;
  await db.close();
  process.exit(0);
`;

export interface ReleasedWorker {
  /** What it has printed so far. */
  printed(): string;
  isRunning(): boolean;
  /** Has it end as an operator does. */
  stop(): Promise<void>;
}

/** Starts a release's own worker as a process, which first takes the database over: it is another server than it was. */
export async function startReleasedWorker(
  version: string,
  environment: Readonly<Record<string, string>>,
): Promise<ReleasedWorker> {
  const parent = join(root, '.cache/releases');
  mkdirSync(parent, { recursive: true });
  // In the repository, where the packages are found.
  const folder = await mkdtemp(join(parent, `${version}-`));
  await execute('tar', ['-xzf', archiveOf(version), '-C', folder]);
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: folder,
    env: { PATH, HOME, TMPDIR, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (printed += text));
  const exit = new Promise<number | null>((done) => child.once('close', done));
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const code = await exit;
    await rm(folder, { recursive: true, force: true });
    expect(code, printed).toBe(0);
  };
  await vi.waitFor(
    () => {
      if (!isRunning()) expect.fail(`${version} has ended: ${printed}`);
      expect(printed).toContain('it works');
    },
    { timeout: 200_000, interval: 100 },
  );
  return { printed: () => printed, isRunning, stop };
}
