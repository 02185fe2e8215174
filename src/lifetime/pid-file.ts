import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Somebody else's process is named in the file, and alive. */
class PidFileTakenError extends Error {
  override readonly name = 'PidFileTakenError';
}

/**
 * Names this process in a file while it runs: written at once and whole, refused where the file names another one that is
 * alive, and removed when this one ends, however it ends short of a kill. One that a killed process left is replaced.
 *
 * @param setting as errors call it, e.g. `[worker] pid_file`
 * @throws {PidFileTakenError}
 * @throws {Error} where the file can't be written
 */
export function takePidFile(file: string, setting: string): void {
  const own = join(dirname(file), `.${basename(file)}.${process.pid}`);
  try {
    writeFileSync(own, `${process.pid}\n`);
    try {
      take(file, own, setting);
    } finally {
      rmSync(own, { force: true });
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Error(`${setting}: ${file} can't be written (${code}); nothing was started`, { cause: error });
  }
  process.once('exit', () => {
    if (readPid(file) === process.pid) rmSync(file, { force: true });
  });
}

function take(file: string, own: string, setting: string): void {
  if (linked(own, file)) return;
  refuseLiving(file, setting);
  // It is taken away under a name of its own: what another process has put there meanwhile is seen, and put back.
  const left = `${own}.left`;
  try {
    renameSync(file, left);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const isTaken = livingPid(left) !== null && linked(left, file);
  rmSync(left, { force: true });
  if (!isTaken && linked(own, file)) return;
  refuseLiving(file, setting);
  throw new PidFileTakenError(`${setting}: another process is taking ${file}; nothing was started`);
}

function refuseLiving(file: string, setting: string): void {
  const pid = livingPid(file);
  if (pid === null) return;
  throw new PidFileTakenError(`${setting}: ${file} names process ${pid}, which is running; nothing was started`);
}

/** Gives a file another name; false where there is one of that name. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The process that a file names, where it is another one than this and still runs; else null. */
export function livingPid(file: string): number | null {
  const pid = readPid(file);
  return pid === null || pid === process.pid || !isRunning(pid, file) ? null : pid;
}

function readPid(file: string): number | null {
  try {
    const [, digits] = /^(\d{1,9})\s*$/.exec(readFileSync(file, 'utf8')) ?? [];
    return digits === undefined || Number(digits) === 0 ? null : Number(digits);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Milliseconds by which a process may seem to have begun after it wrote its file: the system counts in hundredths. */
const slack = 2000;

/** Whether there is no process of this number any more: its file is gone a moment before it is. */
export function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
  }
  return beginningOf(pid) === 'ended';
}

/** Whether the process that wrote the file still runs: another one may have its number by now. */
function isRunning(pid: number, file: string): boolean {
  if (hasEnded(pid)) return false;
  const began = beginningOf(pid);
  if (began === null) return true;
  if (began === 'ended') return false;
  const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
  return began <= written + slack;
}

/** When a process began, in milliseconds since 1970; null where the system doesn't tell as Linux does. */
function beginningOf(pid: number): number | 'ended' | null {
  try {
    // The name, in brackets, may hold anything; what follows it is the state and the numbers from the fourth on.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^[^]*\) /, '')
      .split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return 'ended';
    const booted = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1];
    return (Number(booted) + Number(fields[19]) / ticksPerSecond) * 1000;
  } catch {
    return null;
  }
}

/** Linux has told it in hundredths of a second to all programs for decades (USER_HZ). */
const ticksPerSecond = 100;
