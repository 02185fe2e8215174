import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DemoOutcome } from '../../src/demo/outcome.ts';
import { createRandom } from '../../src/simulator/random.ts';
import { endExecutables, startExecutable, type Executable } from '../support/executable.ts';
import { processesOf } from '../support/processes-of.ts';

// Each run is a PostgreSQL, a Temporal and a worker: a minute where nothing else runs.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

/** The only place for temporary files that a demo is told of: what it leaves behind stands here. */
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ar-demo-'));
  // PostgreSQL runs as another user where the tests run as root.
  await chmod(folder, 0o755);
});
afterEach(async () => {
  await endExecutables();
  await rm(folder, { recursive: true, force: true });
});

const startDemo = (...options: string[]): Executable =>
  startExecutable(['demo', '--once', '--json', ...options], { env: { TMPDIR: folder }, group: true });

test('60 entities: all are settled, as their drift says, within bounds, and nothing is left behind', async () => {
  const demo = startDemo();
  expect(await demo.exit, demo.stderr()).toEqual({ code: 0, signal: null });

  const outcome = outcomeOf(demo);
  expectAllSettled(outcome, 60);
  expect(outcome.clean - outcome.repaired).toBeGreaterThanOrEqual(20);
  expect(outcome.repaired).toBeGreaterThanOrEqual(10);
  expect(outcome.manual_review).toBeGreaterThanOrEqual(3);
  expect(outcome.legacy).toBeGreaterThanOrEqual(2);
  expect(outcome.events_failed).toBe(0);
  expect(outcome.events_completed).toBeGreaterThanOrEqual(outcome.repaired);
  expect(outcome.requests_per_clean_audit['metadata']).toBe(1);
  expect(demo.stderr()).toContain('Temporal UI: http://127.0.0.1:');
  await expectNothingLeft();
});

test('with the archive on a bad day, and its worker killed at a random moment, it settles all the same', async () => {
  const seed = Date.now() % 1_000_000;
  const settledBefore = createRandom(seed).integer(1, 40);
  process.stderr.write(`Seed ${seed}: the worker is killed once ${settledBefore} entities are settled\n`);
  const demo = startDemo('--faults');
  const worker = Number((await demo.untilPrinted(/Worker: process (\d+)/))[1]);
  await demo.untilPrinted(settledAtLeast(settledBefore));
  process.kill(worker, 'SIGKILL');
  await demo.untilPrinted(/The worker ended \(SIGKILL\); another one takes over/);
  expect(await demo.exit, demo.stderr()).toEqual({ code: 0, signal: null });

  const outcome = outcomeOf(demo);
  expectAllSettled(outcome, 60);
  expect(demo.stderr()).toMatch(/event \d+ of [-0-9a-f]+ was queued, and its row is gone/);
  await expectNothingLeft();
});

test('Ctrl-C in the middle: no process and no folder stays behind, and the exit code says that it was not done', async () => {
  const demo = startDemo('--entities', '15');
  const dashboard = (await demo.untilPrinted(/Dashboard: (http:\/\/127\.0\.0\.1:\d+)/))[1]!;
  await demo.untilPrinted(settledAtLeast(0, 15));
  expect((await fetch(dashboard)).status).toBe(200);
  expect(await processesOf(folder)).not.toEqual([]);
  demo.killGroup('SIGINT');
  expect(await demo.exit).toEqual({ code: 1, signal: null });
  expect(demo.stderr()).toMatch(/\nError: stopped before everything was settled\n$/);
  await expectNothingLeft();
});

test('killed in the middle, it takes everything with it all the same', async () => {
  const demo = startDemo('--entities', '15');
  await demo.untilPrinted(settledAtLeast(0, 15));
  demo.kill('SIGKILL');
  expect(await demo.exit).toEqual({ code: null, signal: 'SIGKILL' });
  await expectNothingLeft();
});

test.each([
  [['--entities', 'many'], '--entities takes a whole number from 1 to 20000; it got "many"'],
  [['--seed', '-1'], '--seed takes a whole number from 0 to 999999999; it got "-1"'],
  [['--fautls'], "unknown option '--fautls'"],
])('%j is wrong usage: one line, and nothing is started', async (options, message) => {
  const demo = startDemo(...options);
  expect(await demo.exit).toEqual({ code: 2, signal: null });
  expect(demo.stdout()).toBe('');
  expect(demo.stderr()).toMatch(/^Error: [^\n]+\n$/);
  expect(demo.stderr()).toContain(message);
  await expectNothingLeft();
});

/** A progress line that says so; it is printed every few seconds. */
function settledAtLeast(entities: number, all = 60): RegExp {
  const numbers = Array.from({ length: all + 1 - entities }, (_, more) => entities + more);
  return new RegExp(`^(${numbers.join('|')})/${all} settled`, 'm');
}

function outcomeOf(demo: Executable): DemoOutcome {
  return JSON.parse(demo.stdout().trimEnd().split('\n').at(-1) ?? '') as DemoOutcome;
}

function expectAllSettled(outcome: DemoOutcome, entities: number): void {
  expect(outcome.audited).toBe(entities);
  expect(outcome.clean + outcome.manual_review + outcome.legacy).toBe(entities);
  expect(outcome.repaired).toBeLessThanOrEqual(outcome.clean);
  expect(outcome.archive_requests['metadata']).toBeGreaterThanOrEqual(entities);
  expect(outcome.archive_requests['put']).toBeGreaterThan(0);
  expect(outcome.seconds).toBeGreaterThan(0);
}

async function expectNothingLeft(): Promise<void> {
  await vi.waitFor(
    async () => {
      expect(await processesOf(folder)).toEqual([]);
      expect(await readdir(folder)).toEqual([]);
    },
    { timeout: 20_000, interval: 100 },
  );
}
