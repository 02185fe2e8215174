import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { startServerProcess, type ServerProcess } from '../../src/embedded/server-process.ts';
import { findUnprivilegedUser } from '../../src/embedded/postgres-binaries.ts';
import { findProgram, howToGet } from './needed-programs.ts';

export interface Pgbouncer {
  /** The same database, through pgbouncer. */
  readonly url: string;
  /** On the same port; open connections of clients and servers are cut. `meanwhile` is done while there is none. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** Connections to PostgreSQL; fewer than clients, so that these really share them. */
const poolSize = 4;
/** Above what a slow machine takes. */
const startSeconds = 30;
const portTries = 5;

/**
 * A pgbouncer in transaction mode in front of a server on loopback, as deployments have it (operators page).
 *
 * @throws Error that says how to get pgbouncer, where there is none
 */
export async function startPgbouncer(to: string): Promise<Pgbouncer> {
  const command = findProgram('pgbouncer');
  if (command === null) throw new Error(howToGet('pgbouncer'));
  const user = await findUnprivilegedUser();
  const folder = await mkdtemp(join(tmpdir(), 'artwork-reconciler-pgbouncer-'));
  await chmod(folder, 0o777);
  const start = async (port: number): Promise<ServerProcess> => {
    const file = join(folder, 'pgbouncer.ini');
    await writeFile(file, configuration(new URL(to), port));
    return startServerProcess({
      command,
      args: [file],
      cwd: folder,
      env: { PATH: process.env.PATH },
      ...user,
      logFile: join(folder, 'log'),
      suddenSignal: 'SIGKILL',
      temporaryFolders: [folder],
    });
  };
  const urlAt = (port: number): string => {
    const url = new URL(to);
    url.port = String(port);
    return url.href;
  };
  const started = await startOnFreePort(start, urlAt);
  const { port } = started;
  let { server } = started;
  return {
    url: urlAt(port),
    async restart(meanwhile) {
      await server.end('SIGTERM', 10);
      await meanwhile?.();
      server = await start(port);
      await answers(server, urlAt(port));
    },
    async stop() {
      await server.end('SIGTERM', 10);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configuration(server: URL, port: number): string {
  const { hostname, port: serverPort, username, password } = server;
  const login = `user=${username}${password === '' ? '' : ` password=${decodeURIComponent(password)}`}`;
  return [
    '[databases]',
    `* = host=${hostname} port=${serverPort || '5432'} ${login}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    `default_pool_size = ${poolSize}`,
    'max_client_conn = 200',
    // A server that was away is tried again soon, as in any deployment that wants to get over it soon.
    'server_login_retry = 1',
  ].join('\n');
}

async function startOnFreePort(
  start: (port: number) => Promise<ServerProcess>,
  urlAt: (port: number) => string,
): Promise<{ server: ServerProcess; port: number }> {
  for (let tries = 1; ; tries += 1) {
    const port = await findFreePort();
    const server = await start(port);
    try {
      await answers(server, urlAt(port));
      return { server, port };
    } catch (error) {
      await server.end('SIGKILL', 5);
      if (tries === portTries) throw error;
    }
  }
}

async function answers(server: ServerProcess, url: string): Promise<void> {
  const deadline = Date.now() + startSeconds * 1000;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('select 1');
      return;
    } catch (error) {
      if (server.ended() !== undefined || Date.now() > deadline) {
        throw new Error(`pgbouncer did not start: ${String(error)}\n${server.lastLines()}`, { cause: error });
      }
    } finally {
      await client.end().catch(() => undefined);
    }
    await sleep(50);
  }
}
