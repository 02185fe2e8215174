import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, TestModule, TestRunEndReason, TestCase } from 'vitest/node';

/** Where the seconds of one file, or of several, went. */
interface Times {
  files: number;
  tests: number;
  /** Starting the process that runs it, with vitest's own parts. */
  start: number;
  /** Transforming and loading the file and all that it imports. */
  import: number;
  /** Its tests and hooks. */
  test: number;
}

/** Files and tests that are listed by themselves. */
const listed = 20;

/** Which files are begun first: vitest.config.ts. Seconds, of files that take at least `longSeconds`. */
const longFiles = 'test/long-files.json';
const longSeconds = 5;

/**
 * Prints where the time of a run went, by project, by file and by test: `npm run test:times`, with vitest's arguments for a
 * part of the tests. Seconds of files that run side by side add up to more than the run took.
 *
 * With WRITE_LONG_FILES set, as there, it also writes test/long-files.json.
 */
export default class TimesReporter implements Reporter {
  private readonly startedAt = performance.now();
  private readonly tests: { readonly name: string; readonly seconds: number }[] = [];

  onTestCaseResult(test: TestCase): void {
    const seconds = (test.diagnostic()?.duration ?? 0) / 1000;
    this.tests.push({ name: `${fileOf(test.module)} › ${test.fullName}`, seconds });
  }

  onTestRunEnd(modules: readonly TestModule[], _errors: unknown, _reason: TestRunEndReason): void {
    const byProject = new Map<string, Times>();
    const byFile = modules.map((module) => ({ file: fileOf(module), times: timesOf(module) }));
    for (const [index, module] of modules.entries()) {
      const { name } = module.project;
      byProject.set(name, sum(byProject.get(name), byFile[index]!.times));
    }
    if (process.env['WRITE_LONG_FILES']) writeLongFiles(byFile);
    const all = byFile.reduce<Times | undefined>((total, { times }) => sum(total, times), undefined);
    const seconds = (performance.now() - this.startedAt) / 1000;
    const cpu = cpuOfChildren();
    print([
      '',
      `${seconds.toFixed(0)} s${cpu === null ? '' : `, with ${cpu.toFixed(0)} s of a core in the processes that it started and that have ended`}`,
      '',
      '| project | files | tests | start, s | import, s | tests, s |',
      '| --- | --- | --- | --- | --- | --- |',
      ...[...byProject].map(([name, times]) => row(name, times)),
      ...(all === undefined ? [] : [row('all', all)]),
      '',
      '| file | tests, s |',
      '| --- | --- |',
      ...longest(byFile, ({ times }) => times.test).map(({ file, times }) => `| ${file} | ${times.test.toFixed(1)} |`),
      '',
      '| test | s |',
      '| --- | --- |',
      ...longest(this.tests, (test) => test.seconds).map((test) => `| ${test.name} | ${test.seconds.toFixed(1)} |`),
    ]);
  }
}

function timesOf(module: TestModule): Times {
  const { prepareDuration, environmentSetupDuration, setupDuration, collectDuration, duration } = module.diagnostic();
  return {
    files: 1,
    tests: [...module.children.allTests()].length,
    start: (prepareDuration + environmentSetupDuration + setupDuration) / 1000,
    import: collectDuration / 1000,
    test: duration / 1000,
  };
}

function sum(one: Times | undefined, other: Times): Times {
  if (one === undefined) return { ...other };
  return {
    files: one.files + other.files,
    tests: one.tests + other.tests,
    start: one.start + other.start,
    import: one.import + other.import,
    test: one.test + other.test,
  };
}

function longest<Item>(items: readonly Item[], seconds: (item: Item) => number): Item[] {
  return [...items].sort((one, other) => seconds(other) - seconds(one)).slice(0, listed);
}

/** Files that did not run keep their seconds. */
function writeLongFiles(files: readonly { readonly file: string; readonly times: Times }[]): void {
  const known = JSON.parse(readFileSync(longFiles, 'utf8')) as Record<string, number>;
  const measured = Object.fromEntries(files.map(({ file, times }) => [file, Math.round(times.test)]));
  const long = Object.entries({ ...known, ...measured })
    .filter(([file, seconds]) => seconds >= longSeconds && existsSync(file))
    .sort(([, one], [, other]) => other - one);
  writeFileSync(longFiles, `${JSON.stringify(Object.fromEntries(long), null, 2)}\n`);
}

const row = (name: string, { files, tests, start, import: load, test }: Times): string =>
  `| ${name} | ${files} | ${tests} | ${start.toFixed(0)} | ${load.toFixed(0)} | ${test.toFixed(0)} |`;

const fileOf = ({ moduleId }: TestModule): string => relative(process.cwd(), moduleId);

/** Seconds of a core, or null where the system doesn't say (it is Linux that does, in hundredths). */
function cpuOfChildren(): number | null {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[13]) + Number(fields[14])) / 100;
  } catch {
    return null;
  }
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
