import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { createTestDatabase } from '../support/database.ts';
import { startDeployment, type Deployment } from '../support/deployment.ts';
import { createTestNamespace } from '../support/temporal.ts';
import { documentedPages, linesOf } from './documented-lines.ts';
import { endLines, runPlainLine, startLine, type RunningLine } from './run-line.ts';
import { makeSandbox, type Sandbox } from './sandbox.ts';
import { runEvent, seedRelease, setScene } from './seed.ts';
import { asking, inEmptyDeployment, longRunning, notRun, substitutions } from './tables.ts';

// A line in a process of its own takes a second; where others work on the machine, many.

/** Each is one story, told and run from its beginning to its end: install.test.ts, workflows/worker-builds.test.ts. */
const stories = ['docs/install.md', 'docs/deploying-workflow-changes.md'];
const allLines = documentedPages.filter((page) => !stories.includes(page)).flatMap(linesOf);
/** What several pages have is run once, for the first of them. */
const lines = [...new Map([...allLines].reverse().map((each) => [each.line, each])).values()].reverse();
const pages = [...new Set(lines.map(({ page }) => page))].map((page) => ({
  page,
  run: lines.filter((each) => each.page === page && !notRun.some(({ line }) => line.test(each.line))),
}));

let deployment: Deployment;
const emptyDatabase = await createTestDatabase();
let emptyNamespace: string;
let sandbox: Sandbox;
/** Addresses that nobody listens at, for those that ask and those that are asked. */
let listening: { readonly dashboard: string; readonly worker: string };
beforeAll(async () => {
  sandbox = await makeSandbox();
  listening = {
    dashboard: `127.0.0.1:${await findFreePort()}`,
    worker: `127.0.0.1:${await findFreePort()}`,
  };
  emptyNamespace = (await createTestNamespace()).namespace;
  deployment = await startDeployment();
  await seedRelease(deployment);
  await deployment.startWorker();
  await runEvent(deployment);
});
afterEach(endLines);
afterAll(async () => {
  await deployment.stop();
  sandbox.remove();
});

describe.each(pages.filter(({ run }) => run.length > 0))('the commands of $page do what they are to do', ({ run }) => {
  test.each(run)('$line', async ({ line }) => {
    await setScene(deployment, line);
    const { asked } = asking.find((each) => each.line.test(line)) ?? {};
    const other = asked === undefined ? null : await start(asked);
    if (upOf(line) === undefined && (await runPlainLine(atOurAddress(line), sandbox, environmentOf(line)))) {
      other?.kill('SIGTERM');
      return void (await other?.expectDone());
    }
    const running = await start(line);
    if (upOf(line) !== undefined) running.kill('SIGTERM');
    await running.expectDone();
    other?.kill('SIGTERM');
    await other?.expectDone();
  });
});

const upOf = (line: string): RegExp | undefined => longRunning.find((each) => each.line.test(line))?.up;

const atOurAddress = (line: string): string => line.replace('127.0.0.1:8080', listening.dashboard);

const environmentOf = (line: string): Record<string, string> => ({
  ...deployment.environment,
  ...(inEmptyDeployment.test(line) && { DATABASE_URL: emptyDatabase.url, TEMPORAL_NAMESPACE: emptyNamespace }),
  DASHBOARD_LISTEN: listening.dashboard,
  MONITORING_LISTEN: listening.worker,
  WORKER_PID_FILE: join(sandbox.folder, 'worker.pid'),
  DASHBOARD_PID_FILE: join(sandbox.folder, 'dashboard.pid'),
});

/** Starts a line; one that stays up is up then. */
async function start(line: string): Promise<RunningLine> {
  const running = startLine(atOurAddress(line), sandbox, environmentOf(line));
  const up = upOf(line);
  if (up !== undefined) await running.untilPrinted(up);
  return running;
}

describe('what is done otherwise than the docs say', () => {
  const isNeeded = (pattern: RegExp): void => expect(allLines.filter(({ line }) => pattern.test(line))).not.toEqual([]);

  test.each(notRun)('$line is not run: it $why', ({ line }) => isNeeded(line));
  test.each(substitutions)('$written is replaced: $why', ({ written }) => isNeeded(written));
  test.each(asking)('$line asks another one', ({ line }) => isNeeded(line));
  test.each(longRunning)('$line is stopped once it is up', ({ line }) => isNeeded(line));
});
