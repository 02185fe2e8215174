import { expect, test } from 'vitest';
import { processesOf } from '../support/processes-of.ts';
import {
  expectAllSettled,
  expectNothingLeft,
  folder,
  outcomeOf,
  settledAtLeast,
  startDemo,
  useDemoFolder,
} from './demo-runs.ts';

useDemoFolder();

test('12 entities: all are settled, as their drift says, and nothing is left behind', async () => {
  const demo = startDemo('--entities', '12');
  expect(await demo.exit, demo.stderr()).toEqual({ code: 0, signal: null });
  expectAllSettled(outcomeOf(demo), 12);
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

test.each([
  ['it starts', /^Starting Temporal/m],
  ['it seeds', /^Seeded/m],
  ['it begins to feed', /^Worker: process/m],
])('Ctrl-C while %s: nothing stays behind, and one line says why it ended', async (_when, printed) => {
  const demo = startDemo('--entities', '200');
  await demo.untilPrinted(printed);
  demo.killGroup('SIGINT');
  expect(await demo.exit).toEqual({ code: 1, signal: null });
  expect(demo.stderr()).toMatch(/\nError: stopped before everything was settled\n$/);
  expect(demo.stderr()).not.toMatch(/^ +at /m);
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
