import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface ServerProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Takes the server's output; the last lines of it go into errors. */
  readonly logFile: string;
  /** Ends the server where this process can't do it itself any more. */
  readonly suddenSignal: NodeJS.Signals;
  /** Deleted after the server in that case. */
  readonly temporaryFolders: readonly string[];
}

export interface ServerProcess {
  readonly pid: number;
  /** How the server ended; undefined while it runs. */
  ended(): string | undefined;
  /** Fulfilled, with how, when it has ended. */
  readonly exit: Promise<string>;
  lastLines(): string;
  /** Sends the signal and waits until the server is gone; kills it after `patienceSeconds`. */
  end(signal: NodeJS.Signals, patienceSeconds: number): Promise<void>;
}

/**
 * Waits for its standard input to close, which happens however the process that holds the other end ends, then ends the
 * server and removes its folders. $1 process id, $2 signal, then the folders.
 */
const watcherScript = `
cat >/dev/null
kill -s "$2" "$1" 2>/dev/null
tries=0
while kill -0 "$1" 2>/dev/null && [ $tries -lt 50 ]; do sleep 0.2; tries=$((tries + 1)); done
kill -s KILL "$1" 2>/dev/null
shift 2
for folder do rm -rf -- "$folder"; done
`;

/**
 * Starts a server that lives no longer than this process, even if that is killed with SIGKILL.
 *
 * The server gets a session of its own: Ctrl-C in a terminal goes to all processes of the foreground group, and would
 * end the server before what uses it. It doesn't keep this process from ending either.
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const log = openSync(options.logFile, 'a');
  let child: ChildProcess;
  try {
    child = await spawnServer(options, log);
  } finally {
    closeSync(log);
  }
  const pid = child.pid!;
  let endedHow: string | undefined;
  const exit = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      endedHow = signal === null ? `exit code ${code ?? 'unknown'}` : signal;
      // Only now can the process id belong to somebody else.
      watcher.kill('SIGKILL');
      resolve(endedHow);
    });
  });
  const watcher = startWatcher(pid, options);
  child.unref();
  return {
    pid,
    ended: () => endedHow,
    exit,
    lastLines: () => readLastLines(options.logFile),
    async end(signal, patienceSeconds) {
      if (endedHow !== undefined) return;
      // Waiting must keep this process alive, though the server itself doesn't.
      child.ref();
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceSeconds * 1000);
      await exit;
      clearTimeout(timer);
    },
  };
}

async function spawnServer(options: ServerProcessOptions, log: number): Promise<ChildProcess> {
  const { command, args, cwd, env, uid, gid } = options;
  const child = spawn(command, args, { cwd, env, uid, gid, detached: true, stdio: ['ignore', log, log] });
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return child;
}

function startWatcher(pid: number, options: ServerProcessOptions): ChildProcess {
  const args = ['-c', watcherScript, 'sh', String(pid), options.suddenSignal.slice(3), ...options.temporaryFolders];
  const watcher = spawn('/bin/sh', args, { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  watcher.on('error', () => undefined);
  watcher.unref();
  // The pipe is a socket of Node's that would keep the process alive.
  (watcher.stdin as unknown as { unref(): void }).unref();
  return watcher;
}

/** As many as a crash of a Go program writes: its trace comes after what went wrong. */
const lastLineCount = 60;

function readLastLines(logFile: string): string {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lastLineCount).join('\n');
  } catch {
    return '';
  }
}
