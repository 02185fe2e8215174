import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { findFreePort } from './free-port.ts';
import {
  canRun,
  findPostgresBinaries,
  findUnprivilegedUser,
  type PostgresBinaries,
  type UserIds,
} from './postgres-binaries.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const run = promisify(execFile);

/** A folder for temporary files that the other user can enter: TMPDIR may lie below a home that only root may. */
async function findTemporaryRoot(user: UserIds | undefined): Promise<string> {
  for (const root of [tmpdir(), '/tmp', '/var/tmp']) {
    if (existsSync(root) && (await canEnter(root, user))) return root;
  }
  return tmpdir();
}

function canEnter(folder: string, user: UserIds | undefined): Promise<boolean> {
  return canRun('/bin/sh', ['-c', 'test -x "$1" || exit 1', 'sh', folder], user).catch(() => false);
}

/** Makes a new cluster unless the folder holds one; returns its password. Password and not `trust`: others may have accounts here. */
async function createCluster(
  binaries: PostgresBinaries,
  user: UserIds | undefined,
  folder: string,
  temporary: boolean,
): Promise<string> {
  const passwordFile = join(folder, 'password');
  const data = join(folder, 'data');
  if (existsSync(join(data, 'PG_VERSION'))) return (await readFile(passwordFile, 'utf8')).trim();
  await mkdir(folder, { recursive: true });
  // What follows changes the folder's owner and mode, which must not happen to one that is used for something else.
  if ((await readdir(folder)).length > 0)
    throw new Error(`${folder} holds other files than PostgreSQL's: give an empty folder`);
  const password = randomBytes(16).toString('hex');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  await chmod(folder, 0o700);
  if (user !== undefined) for (const path of [folder, passwordFile]) await chown(path, user.uid, user.gid);
  if (!(await canEnter(folder, user))) {
    throw new Error(`The user that PostgreSQL runs as can't enter ${folder}: give a folder that every user can reach`);
  }
  const args = [`--pgdata=${data}`, '--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  // The same order and case of letters on every machine, whatever locales are installed there.
  args.push('--encoding=UTF8', '--no-locale', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  if (temporary) args.push('--no-sync');
  await run(binaries.initdb, args, { cwd: folder, env: postgresEnvironment(), ...user }).catch(
    (error: { stderr?: string; message: string }) => {
      throw new Error(`PostgreSQL's initdb failed: ${(error.stderr ?? error.message).trim()}`, { cause: error });
    },
  );
  return password;
}

/** Nothing of ours: PGPORT, PGDATA and the like would be obeyed. */
function postgresEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
}

interface EmbeddedPostgresOptions {
  /** Where the data is kept; used again if it holds some. Without it a temporary folder, deleted by `stop()`. */
  readonly folder?: string;
  /** Without it a free one. */
  readonly port?: number;
  /** PostgreSQL's own settings, as `{fsync: 'off'}` for tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
  /** Of the superuser, to the database `postgres`; the password is part of it. */
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  /** Ends the server and, where it was temporary, deletes its data. */
  stop(): Promise<void>;
  /** The same data and port. `immediate` ends the server as a crash would. */
  restart(how?: 'fast' | 'immediate'): Promise<void>;
}

/** Above what a slow machine takes for crash recovery of a small database. */
const startSeconds = 60;
/** A port that another process took in between is replaced at most this many times. */
const portTries = 5;

/**
 * Starts a PostgreSQL server on loopback, which ends with this process however that ends.
 *
 * As root it runs as another user, since PostgreSQL refuses root; its folder then belongs to that user.
 *
 * @throws Error that says what is missing and how to get it, or with the last lines of the server's log
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions = {}): Promise<EmbeddedPostgres> {
  const user = await findUnprivilegedUser();
  const temporaryRoot = await findTemporaryRoot(user);
  const binaries = await findPostgresBinaries(user, temporaryRoot);
  const temporary = options.folder === undefined;
  const folder =
    options.folder === undefined
      ? await mkdtemp(join(temporaryRoot, 'artwork-reconciler-data-'))
      : resolve(options.folder);
  const temporaryFolders = [binaries.temporaryFolder, temporary ? folder : null].filter((path) => path !== null);
  const removeTemporary = async (): Promise<void> => {
    for (const path of temporaryFolders) await rm(path, { recursive: true, force: true });
  };
  const start = (port: number): Promise<ServerProcess> =>
    startServerProcess({
      command: binaries.postgres,
      args: serverArguments(folder, port, options.settings ?? {}),
      cwd: folder,
      env: postgresEnvironment(),
      ...user,
      logFile: join(folder, 'server.log'),
      suddenSignal: temporary ? 'SIGQUIT' : 'SIGINT',
      temporaryFolders,
    });
  try {
    const password = await createCluster(binaries, user, folder, temporary);
    let { server, port } = await startOnPort(options.port, start, password);
    return {
      url: serverUrl(port, password),
      port,
      folder,
      async stop() {
        await server.end(temporary ? 'SIGQUIT' : 'SIGINT', 30);
        await removeTemporary();
      },
      async restart(how = 'fast') {
        await server.end(how === 'fast' ? 'SIGINT' : 'SIGQUIT', 30);
        ({ server, port } = await startOnPort(port, start, password));
      },
    };
  } catch (error) {
    await removeTemporary();
    throw error;
  }
}

function serverUrl(port: number, password: string): string {
  // Else PGSSLMODE, which is for another server, would have `pg` ask this one for TLS.
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres?sslmode=disable`;
}

async function startOnPort(
  port: number | undefined,
  start: (port: number) => Promise<ServerProcess>,
  password: string,
): Promise<{ server: ServerProcess; port: number }> {
  for (let tries = 1; ; tries += 1) {
    const chosen = port ?? (await findFreePort());
    const server = await start(chosen);
    const failure = await waitUntilReady(server, serverUrl(chosen, password));
    if (failure === null) return { server, port: chosen };
    await server.end('SIGQUIT', 5);
    const taken = failure.includes('could not bind') || failure.includes('could not create any TCP/IP sockets');
    if (port !== undefined || !taken || tries === portTries) {
      throw new Error(`The embedded PostgreSQL did not start on port ${chosen}: ${failure}`);
    }
  }
}

function serverArguments(folder: string, port: number, settings: Readonly<Record<string, string>>): string[] {
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', join(folder, 'data'), '-p', String(port), ...flags];
}

/** Null once the server answers, else why it doesn't. */
async function waitUntilReady(server: ServerProcess, url: string): Promise<string | null> {
  const deadline = Date.now() + startSeconds * 1000;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return null;
    } catch (error) {
      if (server.ended() !== undefined) return `${server.ended()}\n${server.lastLines()}`;
      // Another server on that port would refuse the password for ever; ours ends when it can't have the port.
      if (Date.now() > deadline) return `no answer within ${startSeconds} s (${String(error)})\n${server.lastLines()}`;
    } finally {
      await client.end().catch(() => undefined);
    }
    await sleep(50);
  }
}
