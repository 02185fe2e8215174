import { fileURLToPath } from 'node:url';
import { type ServerProcess, startServerProcess } from '../embedded/server-process.ts';

export interface WorkerProcessOptions {
  readonly configFile: string;
  readonly logFile: string;
  /** Deleted where this process is killed and can't do it any more. */
  readonly temporaryFolder: string;
  /** All of its environment: a setting of this process' own would go before the file. */
  readonly env: Readonly<Record<string, string>>;
  /** Told when a worker ended without having been asked to; another one is started. */
  readonly onRestart: (how: string) => void;
}

export interface WorkerProcess {
  readonly pid: () => number;
  /** Asks it to finish what is in hand, as a deployment does, and waits for its end. */
  stop(): Promise<void>;
}

const executable = fileURLToPath(new URL('../../bin/artwork-reconciler.js', import.meta.url));

/** A worker stops within 25 s; past this it hangs. */
const stopSeconds = 30;

/** Runs `artwork-reconciler worker` as a process of its own and, as a supervisor would, another one where it dies. */
export async function startWorkerProcess(options: WorkerProcessOptions): Promise<WorkerProcess> {
  let stopping = false;
  let worker = await start();

  async function start(): Promise<ServerProcess> {
    const started = await startServerProcess({
      command: process.execPath,
      args: [executable, 'worker', '--config', options.configFile],
      cwd: process.cwd(),
      env: options.env,
      logFile: options.logFile,
      suddenSignal: 'SIGKILL',
      temporaryFolders: [options.temporaryFolder],
    });
    void started.exit.then(async (how) => {
      if (stopping) return;
      options.onRestart(how);
      worker = await start();
    });
    return started;
  }

  return {
    pid: () => worker.pid,
    async stop() {
      stopping = true;
      await worker.end('SIGTERM', stopSeconds);
    },
  };
}
