import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTemporal } from '../temporal/connection.ts';
import { findFreePort } from './free-port.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { findTemporalCli, type TemporalCliOptions } from './temporal-cli.ts';

type SearchAttributeType = 'Text' | 'Keyword' | 'Int' | 'Double' | 'Bool' | 'Datetime' | 'KeywordList';

export interface TemporalServerOptions {
  /** Without it a free one. Given again, a new server takes the place of one that lost its state. */
  readonly port?: number;
  /** The web UI, at a port of its own. */
  readonly ui?: boolean;
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'never';
  /** Registered in the namespaces made at start. */
  readonly searchAttributes?: Readonly<Record<string, SearchAttributeType>>;
  /** Beside `default`. */
  readonly namespaces?: readonly string[];
  readonly cli?: TemporalCliOptions;
}

export interface TemporalServer {
  /** Host and port of the gRPC service. */
  readonly address: string;
  readonly port: number;
  readonly uiUrl: string | null;
  readonly pid: number;
  /** Kills the server; its state is gone. */
  stop(): Promise<void>;
}

/** A loaded machine needs several seconds; past this something is wrong. */
const startSeconds = 60;
const startTries = 5;

/**
 * Starts Temporal's dev server on loopback, its state in memory only, and waits until it serves. It ends with this
 * process however that ends.
 *
 * One that ends automatically before it serves is started again: beside the ports it is given it takes a handful of its
 * own, and crashes where another process was faster to one of them.
 *
 * @throws Error that says where the program was looked for, or with the last lines of the server's log
 */
export async function startTemporalServer(options: TemporalServerOptions = {}): Promise<TemporalServer> {
  const command = await findTemporalCli(options.cli);
  const folder = await mkdtemp(join(tmpdir(), 'artwork-reconciler-temporal-'));
  try {
    for (let tries = 1; ; tries += 1) {
      const logFile = join(folder, `server-${tries}.log`);
      const port = options.port ?? (await findFreePort());
      const uiPort = options.ui === true ? await findFreePort() : null;
      const server = await startServerProcess({
        command,
        args: serverArguments(options, port, uiPort),
        cwd: folder,
        // Nothing of the user's own set-up of the CLI.
        // Its state is in memory, of which it may have more than Go would let it: a tenth less CPU.
        env: { PATH: process.env.PATH, HOME: folder, GOGC: '400' },
        logFile,
        suddenSignal: 'SIGKILL',
        temporaryFolders: [folder],
      });
      const failure = await waitUntilServing(server, `127.0.0.1:${port}`);
      if (failure === null) {
        return {
          address: `127.0.0.1:${port}`,
          port,
          uiUrl: uiPort === null ? null : `http://127.0.0.1:${uiPort}`,
          pid: server.pid,
          async stop() {
            await server.end('SIGKILL', 5);
            await rm(folder, { recursive: true, force: true });
          },
        };
      }
      const hasEnded = server.ended() !== undefined;
      await server.end('SIGKILL', 5);
      if (!hasEnded || tries === startTries) {
        throw new Error(`Temporal's dev server did not start on port ${port} (try ${tries}): ${failure}`);
      }
      // A port that was given may be somebody's for a moment only.
      await sleep(200 * tries);
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function serverArguments(options: TemporalServerOptions, port: number, uiPort: number | null): string[] {
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-disable-news-fetch'];
  // Without it every timer and every new try takes a second, however short it is.
  args.push('--dynamic-config-value', 'history.timerProcessorMaxTimeShift="10ms"');
  args.push('--log-level', options.logLevel ?? 'error', '--log-format', 'text');
  args.push(...(uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort)]));
  for (const [name, type] of Object.entries(options.searchAttributes ?? {}))
    args.push('--search-attribute', `${name}=${type}`);
  for (const namespace of options.namespaces ?? []) args.push('--namespace', namespace);
  return args;
}

/** Null once the server takes workflows of the namespace `default`, else why it doesn't. */
async function waitUntilServing(server: ServerProcess, address: string): Promise<string | null> {
  const deadline = Date.now() + startSeconds * 1000;
  for (;;) {
    try {
      await Promise.race([askForNamespace(address), server.exit]);
      if (server.ended() === undefined) return null;
    } catch (error) {
      if (Date.now() > deadline) return `no answer within ${startSeconds} s (${String(error)})\n${server.lastLines()}`;
    }
    if (server.ended() !== undefined) return `${server.ended()}\n${server.lastLines()}`;
    await sleep(100);
  }
}

async function askForNamespace(address: string): Promise<void> {
  const { connection, workflowService } = await openTemporal({ connectionOptions: { address } }, 5_000);
  try {
    await workflowService.describeNamespace({ namespace: 'default' });
  } finally {
    await connection.close();
  }
}
