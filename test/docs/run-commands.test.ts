import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startDeployment, type Deployment } from '../support/deployment.ts';
import { documentedPages, linesOf } from './documented-lines.ts';
import { endLines, startLine } from './run-line.ts';
import { makeSandbox, type Sandbox } from './sandbox.ts';
import { runEvent, seedRelease, setScene } from './seed.ts';
import { inEmptyDatabase, longRunning, notRun, substitutions } from './tables.ts';

// Most lines take a second; where others work on the machine, many.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** install.md is one story, told and run from its beginning to its end: install.test.ts. */
const allLines = documentedPages.filter((page) => page !== 'docs/install.md').flatMap(linesOf);
/** What several pages have is run once, for the first of them. */
const lines = [...new Map([...allLines].reverse().map((each) => [each.line, each])).values()].reverse();
const pages = [...new Set(lines.map(({ page }) => page))].map((page) => ({
  page,
  run: lines.filter((each) => each.page === page && !notRun.some(({ line }) => line.test(each.line))),
}));

let deployment: Deployment;
let emptyDatabase: TestDatabase;
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await makeSandbox();
  emptyDatabase = await createTestDatabase();
  deployment = await startDeployment();
  await seedRelease(deployment);
  await deployment.startWorker();
  await runEvent(deployment);
});
afterEach(endLines);
afterAll(async () => {
  await deployment.stop();
  await emptyDatabase.close();
  sandbox.remove();
});

describe.each(pages.filter(({ run }) => run.length > 0))('the commands of $page do what they are to do', ({ run }) => {
  test.each(run)('$line', async ({ line }) => {
    await setScene(deployment, line);
    const running = startLine(line, sandbox, {
      ...deployment.environment,
      ...(inEmptyDatabase.test(line) && { DATABASE_URL: emptyDatabase.url }),
      DASHBOARD_LISTEN: '127.0.0.1:0',
    });
    const { up } = longRunning.find((each) => each.line.test(line)) ?? {};
    if (up !== undefined) {
      await running.untilPrinted(up);
      running.kill('SIGTERM');
    }
    await running.expectDone();
  });
});

describe('what is done otherwise than the docs say', () => {
  const isNeeded = (pattern: RegExp): void => expect(allLines.filter(({ line }) => pattern.test(line))).not.toEqual([]);

  test.each(notRun)('$line is not run: it $why', ({ line }) => isNeeded(line));
  test.each(substitutions)('$written is replaced: $why', ({ written }) => isNeeded(written));
  test.each(longRunning)('$line is stopped once it is up', ({ line }) => isNeeded(line));
});
