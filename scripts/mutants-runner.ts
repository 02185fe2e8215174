import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { TestRunner, type RunnerTestCase, type RunnerTestSuite } from 'vitest';
import { sqlMutants, type SqlMutant } from './sql-mutants.ts';

/** What StrykerJS's switches and counters go by. */
interface Stryker {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage?: Coverage;
  /** So many places of mutants are passed before a test is taken for endless. */
  placesLeft: number;
  isRepeating: boolean;
}

interface Coverage {
  /** How often each mutant's place was reached while no test ran. */
  static: Record<string, number>;
  perTest: Record<string, Record<string, number>>;
}

/** A line of the results: what one test said of the mutants that it reaches. */
export interface Verdict {
  readonly file: string;
  /** Of that file. */
  readonly hash: string;
  readonly test: string;
  readonly reached: readonly string[];
  /** Null where it took too long for this pass. */
  readonly tried: readonly string[] | null;
  readonly noticed: readonly string[];
  /** Reached while no test ran, such as where a module is loaded. */
  readonly atRest: readonly string[];
  /** Of statements that it sent. */
  readonly sql: readonly (SqlMutant & { readonly id: string; readonly file: string })[];
  /** Of these, those that are no SQL. */
  readonly invalid: readonly string[];
  /** The test failed by itself when it was repeated: nothing that it says counts from there on. */
  readonly unrepeatable: boolean;
}

const { files, resultsFile, longest } = JSON.parse(process.env['MUTANTS'] ?? '{}') as {
  readonly files: readonly string[];
  readonly resultsFile: string;
  /** Milliseconds: tests that take longer are left for the next pass. */
  readonly longest: number;
};

const stryker = ((globalThis as { __stryker__?: Stryker }).__stryker__ ??= {
  placesLeft: Infinity,
  isRepeating: false,
});
stryker.mutantCoverage ??= { static: {}, perTest: {} };

/** Mutants that need no test any more, and those that a test has tried. */
const judged = new Set<string>();
for (const line of readFileSync(resultsFile, 'utf8').split('\n')) {
  if (line !== '') remember(JSON.parse(line) as Verdict);
}

/** By their ids, those of all statements that were sent so far. */
const plantedInSql = new Map<string, Verdict['sql'][number]>();
const idsOfStatement = new Map<string, readonly string[]>();
const invalid = new Set<string>();

/** What the mutated files hold of statements, line by line, where something is put in as a pattern. */
const ownLines = files
  .filter((file) => file.startsWith('src/database/'))
  .flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/[`']([^`']*(?:'[^`']*'[^`']*)*)[`']/g)].flatMap(([, text]) =>
      text!.split('\n').map((line) => ({ file, pattern: patternOf(line.trim()), length: line.trim().length })),
    ),
  )
  .filter(({ length }) => length > 8);

function patternOf(line: string): RegExp {
  const parts = line.split(/\$\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('').length > 8 ? `^${parts.join('.*')}$` : '^$');
}

const { query: send } = pg.Client.prototype as unknown as { query: (this: pg.Client, ...given: unknown[]) => unknown };
pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]): unknown {
  const [statement, ...rest] = given;
  if (typeof statement !== 'string' || ownLines.length === 0) return send.apply(this, given);
  if (stryker.currentTestId !== undefined) {
    const ids = idsOfStatement.get(statement) ?? plantInSql(statement);
    const hits = (stryker.mutantCoverage!.perTest[stryker.currentTestId] ??= {});
    for (const id of ids) hits[id] = 1;
  }
  const mutant = plantedInSql.get(stryker.activeMutant ?? '');
  if (mutant === undefined || !statement.includes(mutant.original)) return send.apply(this, given);
  // Syntax, names, types, parameters.
  const note = (error: { code?: string } | null): void => {
    if (error && /^(42|08P01)/.test(error.code ?? '')) invalid.add(mutant.id);
  };
  const last = rest.at(-1);
  if (typeof last === 'function') {
    rest[rest.length - 1] = (error: { code?: string } | null, answer: unknown) => {
      note(error);
      (last as (...parts: unknown[]) => void)(error, answer);
    };
  }
  const answer = send.call(
    this,
    statement.replace(mutant.original, () => mutant.replacement),
    ...rest,
  );
  if (answer instanceof Promise) answer.catch(note);
  return answer;
} as typeof pg.Client.prototype.query;

function plantInSql(statement: string): readonly string[] {
  const ids = sqlMutants(statement).flatMap(({ original, replacement }) => {
    const line = original.split('\n').at(-1)!.trim();
    const file = ownLines.find(({ pattern }) => pattern.test(line))?.file;
    if (file === undefined) return [];
    const id = createHash('sha1').update(`${file} ${original} ${replacement}`).digest('hex').slice(0, 12);
    plantedInSql.set(id, { id, file, original, replacement });
    return [id];
  });
  idsOfStatement.set(statement, ids);
  return ids;
}

/** Runs each test once as it is, and then again for each mutant that it reaches and that no test has noticed so far. */
export default class MutantsRunner extends TestRunner {
  private startedAt = 0;

  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    await super.onBeforeRunTask(test);
    stryker.mutantCoverage!.perTest = {};
    stryker.currentTestId = test.id;
    stryker.placesLeft = Number.MAX_SAFE_INTEGER;
    this.startedAt = performance.now();
  }

  /** Here the test is over with all of its hooks, and vitest still takes what is called for a part of it. */
  async onAfterRetryTask(test: RunnerTestCase): Promise<void> {
    stryker.currentTestId = undefined;
    const took = performance.now() - this.startedAt;
    const reached = Object.keys(stryker.mutantCoverage!.perTest[test.id] ?? {});
    if (test.result?.state !== 'pass') return;
    const sql = reached.flatMap((id) => plantedInSql.get(id) ?? []);
    const atRest = Object.keys(stryker.mutantCoverage!.static);
    stryker.mutantCoverage!.static = {};
    const hash = createHash('sha1')
      .update(`${test.file.name}\n`)
      .update(readFileSync(test.file.filepath))
      .digest('hex');
    const said = { file: test.file.name, hash, test: test.fullTestName, reached, atRest, sql };
    if (took > longest) return writeVerdict({ ...said, tried: null, noticed: [], invalid: [], unrepeatable: false });
    const left = reached.filter((id) => !judged.has(id) && !judged.has(`${said.file} ${said.test} ${id}`));
    const { result } = test;
    const tried: string[] = [];
    const noticed: string[] = [];
    const patience = 10_000 + 20 * took;
    const places = 100_000 + 20 * (Number.MAX_SAFE_INTEGER - stryker.placesLeft);
    stryker.isRepeating = true;
    let repeats = left.length === 0 || (await this.passes(test, patience));
    for (const id of left) {
      if (!repeats) break;
      Object.assign(stryker, { activeMutant: id, placesLeft: places });
      const passed = await this.passes(test, patience);
      Object.assign(stryker, { activeMutant: undefined, placesLeft: Infinity });
      tried.push(id);
      if (passed || invalid.has(id)) continue;
      // What a mutant left behind must not be taken for the next one's.
      noticed.push(id);
      repeats = await this.passes(test, patience);
    }
    stryker.isRepeating = false;
    test.result = result;
    const wrong = tried.filter((id) => invalid.has(id));
    writeVerdict({ ...said, tried, noticed, invalid: wrong, unrepeatable: !repeats });
  }

  /** Runs a test with its hooks, as vitest does. */
  private async passes(test: RunnerTestCase, patience: number): Promise<boolean> {
    const suites = suitesAround(test);
    const hooked: { onFinished?: ((context: unknown) => unknown)[] | undefined; onFailed?: unknown } = test as object;
    test.result = { state: 'run', startTime: Date.now(), retryCount: 0 };
    const cleanups: unknown[] = [];
    const run = async (): Promise<boolean> => {
      this.onBeforeTryTask(test);
      for (const suite of suites) {
        for (const hook of TestRunner.getSuiteHooks(suite).beforeEach) cleanups.push(await hook(test.context, suite));
      }
      await TestRunner.getTestFn(test)();
      this.onAfterTryTask(test);
      return true;
    };
    const tidy = async (): Promise<boolean> => {
      for (const suite of [...suites].reverse()) {
        for (const hook of [...TestRunner.getSuiteHooks(suite).afterEach].reverse()) await hook(test.context, suite);
      }
      for (const cleanup of cleanups.reverse()) if (typeof cleanup === 'function') await (cleanup as () => unknown)();
      for (const finished of [...(hooked.onFinished ?? [])].reverse()) await finished(test.context);
      return true;
    };
    const passed = (await inTime(run, patience)) && (await inTime(tidy, patience));
    if (!passed) await inTime(tidy, patience);
    hooked.onFinished = undefined;
    hooked.onFailed = undefined;
    return passed && (test.result as { state: string }).state !== 'fail';
  }
}

async function inTime(run: () => Promise<boolean>, patience: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, patience, false)));
  try {
    return await Promise.race([run(), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function writeVerdict(verdict: Verdict): void {
  appendFileSync(resultsFile, `${JSON.stringify(verdict)}\n`);
  remember(verdict);
}

function remember({ file, test, tried, noticed, invalid: wrong }: Verdict): void {
  for (const id of [...noticed, ...wrong]) judged.add(id);
  for (const id of tried ?? []) judged.add(`${file} ${test} ${id}`);
}

/** The outermost first. */
function suitesAround(test: RunnerTestCase): RunnerTestSuite[] {
  const suites: RunnerTestSuite[] = [];
  for (let { suite } = test; suite && !('filepath' in suite); { suite } = suite) suites.unshift(suite);
  return [test.file, ...suites];
}
