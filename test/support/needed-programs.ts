import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeEach, expect } from 'vitest';

/** What some tests need and npm doesn't bring: how it may be called, and the package of Debian's that it is in. */
const programs = {
  // The one without windows first: a third less CPU for the same pages.
  Chromium: {
    names: ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'],
    debian: 'chromium-headless-shell',
  },
  pgbouncer: { names: ['pgbouncer'], debian: 'pgbouncer' },
  promtool: { names: ['promtool'], debian: 'prometheus' },
  'systemd-analyze': { names: ['systemd-analyze'], debian: 'systemd' },
} as const;
export type NeededProgram = keyof typeof programs;

/** Where a program is; null where it isn't. Debian has some where only root looks by default. */
export function findProgram(program: NeededProgram): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const paths = folders.flatMap((folder) => programs[program].names.map((name) => join(folder, name)));
  return paths.find(isExecutable) ?? null;
}

/** The end of a sentence about a program that is not there. */
export function howToGet(program: NeededProgram): string {
  return `needs ${program}, which is not on the PATH: apt-get install ${programs[program].debian}`;
}

/**
 * Has this file's tests skipped, with the reason, where a program that they need is not there: `npm test` asks for
 * nothing but Node. `.ci/run` installs it, and counts a test that was skipped as failed.
 *
 * @returns whether it is there, for hooks that start it.
 */
export function testsNeed(program: NeededProgram): boolean {
  const isThere = findProgram(program) !== null;
  if (!isThere) process.stderr.write(`Left out of ${expect.getState().testPath}: what ${howToGet(program)}\n`);
  beforeEach(({ skip }) => skip(!isThere, howToGet(program)));
  return isThere;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
