import { setTimeout as after } from 'node:timers/promises';
import { Argument, type Command } from 'commander';
import { hasEnded, livingPid } from '../lifetime/pid-file.ts';
import { printLines } from '../terminal/terminal.ts';
import { configOf } from './database.ts';
import { wholeNumber } from './option-values.ts';

const processes = ['worker', 'dashboard'] as const;
type Which = (typeof processes)[number];

function addTo(program: Command, name: string): Command {
  return program
    .command(name)
    .addArgument(
      new Argument('[process]', 'the one that [worker] or [dashboard] pid_file names')
        .choices(processes)
        .default('worker'),
    );
}

export function addReload(program: Command): void {
  addTo(program, 'reload')
    .summary('have a running worker or dashboard read its configuration again')
    .description(
      'Sends SIGHUP to the process that [worker] pid_file, or [dashboard] pid_file, names: it reads its configuration ' +
        'again, and its log says what changed. A bad one changes nothing.',
    )
    .action((which: Which, _options: object, command: Command) => {
      const file = pidFileOf(which, command);
      const pid = livingPid(file);
      if (pid === null) throw new Error(`no ${which} is running by ${file}: nothing was read again`);
      send(pid, 'SIGHUP', which);
      printLines([`The ${which}, process ${pid}, reads its configuration again; its log says what changed`]);
    });
}

interface StopOptions {
  readonly timeout: number;
}

export function addStop(program: Command): void {
  addTo(program, 'stop')
    .summary('stop a running worker or dashboard')
    .description(
      'Sends SIGTERM to the process that [worker] pid_file, or [dashboard] pid_file, names, and waits until it has ended: ' +
        'what is in progress is finished first. Where none is running there is nothing to do.',
    )
    .option('--timeout <seconds>', 'wait for up to this long', wholeNumber(1, 86_400), 30)
    .action(async (which: Which, { timeout }: StopOptions, command: Command) => {
      const file = pidFileOf(which, command);
      const pid = livingPid(file);
      if (pid === null)
        return printLines([`No ${which} is running by ${file}: there is nothing to stop`], process.stderr);
      send(pid, 'SIGTERM', which);
      const latest = performance.now() + timeout * 1000;
      while (!hasEnded(pid)) {
        if (performance.now() > latest) {
          throw new Error(
            `the ${which}, process ${pid}, has not ended within ${timeout} s: it is stopping still, and was not killed`,
          );
        }
        await after(interval);
      }
      printLines([`The ${which}, process ${pid}, has ended`]);
    });
}

/** Milliseconds between two checks whether it still runs. */
const interval = 50;

function pidFileOf(which: Which, command: Command): string {
  const { pidFile } = configOf(command)[which];
  if (pidFile !== null) return pidFile;
  throw new Error(
    `[${which}] pid_file is not set, so that nothing tells which process is meant: set it and start the ${which} again, ` +
      'or tell what supervises it',
  );
}

function send(pid: number, signal: 'SIGHUP' | 'SIGTERM', which: Which): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EPERM' ? 'it is another user’s' : code === 'ESRCH' ? 'it has just ended' : code;
    throw new Error(`${signal} can't be sent to the ${which}, process ${pid}: ${why}`, { cause: error });
  }
}
