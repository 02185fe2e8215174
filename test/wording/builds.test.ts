import { expect, test } from 'vitest';
import { buildInWords, commandToMakeCurrent, givenWork, notGivenWork } from '../../src/wording/builds.ts';

const build = (buildId: string) => ({ deploymentName: 'reconciler', buildId });

test('a build is said with its state, its share where it has one, and whether workers of it are there', () => {
  const known = { buildId: '0.2-3f2a', state: 'ramping', percentage: 10, isPolling: true } as const;
  expect(buildInWords(known)).toBe('0.2-3f2a: ramping at 10 %, workers of it poll');
  expect(buildInWords({ ...known, percentage: null, isPolling: false })).toBe(
    '0.2-3f2a: ramping, no worker of it polls',
  );
});

test('a build that is given work is the current one, or the one that ramps, with its share', () => {
  const routing = { current: build('old'), ramping: { build: build('new'), percentage: 25 } };
  expect(givenWork(routing, build('old'))).toBe('old of reconciler is current');
  expect(givenWork(routing, build('new'))).toBe('new of reconciler is given 25 % of what begins');
  // The same id in another deployment is another build.
  expect(givenWork(routing, { ...build('new'), deploymentName: 'other' })).toBe('new of other is current');
});

test('workers that are given nothing are told which are, and what makes theirs current', () => {
  const current = { current: build('new'), ramping: null };
  expect(notGivenWork(current, build('old'))).toBe(
    'old of reconciler is not current, new is: its workers are given nothing',
  );
  expect(notGivenWork({ ...current, current: null }, build('old'))).toContain('workers without a build are');
  expect(notGivenWork(current, null)).toContain('[worker] deployment is not set, and new is current');
  const command = 'temporal worker deployment set-current-version --deployment-name reconciler';
  expect(commandToMakeCurrent(current, build('old'))).toBe(`\`${command} --build-id old\``);
  expect(commandToMakeCurrent(current, null)).toBe(`\`${command} --unversioned\``);
});
