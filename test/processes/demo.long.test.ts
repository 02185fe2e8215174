import { expect, test } from 'vitest';
import { createRandom } from '../../src/simulator/random.ts';
import {
  expectAllSettled,
  expectNothingLeft,
  outcomeOf,
  settledAtLeast,
  startDemo,
  useDemoFolder,
} from './demo-runs.ts';

useDemoFolder();

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
