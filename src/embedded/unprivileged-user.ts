import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

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
