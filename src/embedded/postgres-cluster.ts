import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { canRun, type UserIds } from './unprivileged-user.ts';

const run = promisify(execFile);

/** A folder for temporary files that the other user can enter: TMPDIR may lie below a home that only root may. */
export async function findTemporaryRoot(user: UserIds | undefined): Promise<string> {
  for (const root of [tmpdir(), '/tmp', '/var/tmp']) {
    if (existsSync(root) && (await canEnter(root, user))) return root;
  }
  return tmpdir();
}

function canEnter(folder: string, user: UserIds | undefined): Promise<boolean> {
  return canRun('/bin/sh', ['-c', 'test -x "$1" || exit 1', 'sh', folder], user).catch(() => false);
}

/** Makes a new cluster unless the folder holds one; returns its password. Password and not `trust`: others may have accounts here. */
export async function createCluster(
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
export function postgresEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
}
