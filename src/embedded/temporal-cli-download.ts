import { spawn } from 'node:child_process';

/**
 * The SDK downloads the CLI only as a step of starting a server, and can't be told to stop. So a process of its own
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
 * @throws Error with the SDK's reason, or when the time is over; then nothing goes on in the background
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
