import { describe, expect, test } from 'vitest';
import { pauseBrake } from '../../src/domain/brake.ts';
import type { PaceSchedule } from '../../src/starters/pause-schedule.ts';
import {
  canaryInWords,
  modeAndWhoInWords,
  paceInWords,
  parsePace,
  plannedEventsInWords,
  planTimeInWords,
  scheduleInWords,
  settingDifferenceInWords,
  stopsInWords,
} from '../../src/wording/schedule.ts';

const aDay = 86_400_000;
/** So that what is said of its age stays the same while the test runs. */
const threeDaysAgo = new Date(Date.now() - 3.5 * aDay);

test('a brake of one archive says what it stops there, one of all archives only what', () => {
  expect(stopsInWords({ name: pauseBrake('events', 'event'), stops: 'events' })).toBe(
    'no events of the Event Art Archive',
  );
  expect(stopsInWords({ name: pauseBrake('audits', null), stops: 'audits' })).toBe('no audits');
});

describe('the mode', () => {
  const mode = { mode: 'repair', setBy: 'ida', setAt: threeDaysAgo, canary: null } as const;
  test('is said with who set it and when', () => {
    expect(modeAndWhoInWords(mode)).toMatch(/^repair, set by ida, \d{4}-.* UTC \(3 days ago\)$/);
    expect(modeAndWhoInWords({ ...mode, setBy: null })).toMatch(/^repair, as the first worker's configuration said, /);
    expect(modeAndWhoInWords({ ...mode, setBy: null, setAt: null })).toBe('repair, as the configuration says');
  });

  test('of a canary is said with how many more of how many entities it repairs', () => {
    const words = modeAndWhoInWords({ ...mode, canary: { entities: 100, remaining: 40 } });
    expect(words).toMatch(/^repair for 40 more of 100 entities, then report, set by ida/);
  });
});

describe('a canary', () => {
  const canary = {
    ...{ entities: 100, remaining: 0, startedAt: threeDaysAgo, startedBy: 'ida', endedAt: null },
    ...{ repaired: 9, clean: 2, underRepair: 3, toVerify: 0, foundAgain: 4, inReview: 0 },
    events: { completed: 5, failed: 6, open: 7 },
  };
  test('says what has come of its entities, those kinds that there are, and of its events', () => {
    expect(canaryInWords(canary)).toMatch(
      /^9 of 100 entities repaired \(begun by ida, .*, in progress\): 2 clean, 3 under repair, 4 found again; events: 5 completed, 6 failed, 7 open$/,
    );
  });

  test('that has repaired nothing yet says no more, and one that is over when it ended', () => {
    expect(canaryInWords({ ...canary, entities: 1, repaired: 0, endedAt: threeDaysAgo })).toMatch(
      /^0 of 1 entity repaired \(begun by ida, .*, ended \d{4}-.* \(3 days ago\)\)$/,
    );
  });
});

describe('Temporal’s schedule', () => {
  const schedule: PaceSchedule = { isPaused: false, note: null, nextRuns: [], owner: null };
  const words = (more: Partial<PaceSchedule>, isBraked: boolean) =>
    scheduleInWords({ kind: 'answered', answer: { ...schedule, ...more } }, isBraked);

  test('says its next three runs', () => {
    const nextRuns = [1.5, 2.5, 3.5, 4.5].map((hours) => new Date(Date.now() + hours * 3_600_000));
    expect(words({ nextRuns }, false)).toBe('checks next in 1 h, in 2 h, in 3 h');
    expect(words({}, false)).toBe('checks next at an unknown time');
  });

  test('says why it is paused, and where the database says otherwise', () => {
    expect(words({ isPaused: true, note: 'a\nb' }, true)).toBe('is paused (a b)');
    expect(words({ isPaused: true }, false)).toMatch(/^is paused; the pause in the database differs/);
    expect(words({}, true)).toMatch(/^checks next at an unknown time; the pause in the database differs/);
  });

  test('that can’t be asked for, or isn’t there yet, is no schedule that is paused', () => {
    expect(scheduleInWords({ kind: 'unreachable', reason: 'away' }, true)).toContain(
      'not known when the next run is: away',
    );
    expect(scheduleInWords({ kind: 'answered', answer: null }, true)).toContain('has no schedule yet');
  });
});

test('the pace is said with who set it, or that the configuration does', () => {
  const pace = { perHour: 600, source: 'configuration', setBy: null, setAt: null } as const;
  expect(paceInWords(pace)).toMatch(/^600 audits an hour .*, as the configuration says$/);
  const set = { perHour: 7200, source: 'operator', setBy: null, setAt: threeDaysAgo } as const;
  expect(paceInWords(set)).toMatch(/2 a second\), set by somebody, \d{4}-.* \(3 days ago\)$/);
});

test.each([
  ['600', { number: 600, unit: null }],
  ['1,200/h', { number: 1200, unit: 'hour' }],
  ['0.5 per hour', { number: 0.5, unit: 'hour' }],
  ['14400 a day', { number: 14_400, unit: 'day' }],
  ['24/D', { number: 24, unit: 'day' }],
  ['999999999', { number: 999_999_999, unit: null }],
])('%j is a pace', (written, pace) => {
  expect(parsePace(written)).toEqual(pace);
});

test.each(['', '0', '0.0/h', '-1', '1e3', '1000000000', '60 a week', 'an hour', '1,2'])('%j is no pace', (written) => {
  expect(parsePace(written)).toBeNull();
});

test('where workers differ, each value is said with whose it is', () => {
  const values = [
    { value: '4', workers: ['12@one', '13@one'] },
    { value: null, workers: ['7@two'] },
  ];
  expect(settingDifferenceInWords({ setting: '[audit] per_hour', values })).toBe(
    '[audit] per_hour: 4 at 12@one, 13@one; not set at 7@two',
  );
});

test('a plan says the events that there are, how long they take, and what limits them', () => {
  expect(plannedEventsInWords({ index: 1200, copy_image: 0, delete_image: 3, deindex: 0 })).toBe(
    '1,200 index, 3 delete_image',
  );
  expect(plannedEventsInWords({ index: 0, copy_image: 0, delete_image: 0, deindex: 0 })).toBe('none');
  const plan = { entities: 5, hours: 3, limitedBy: 'archive' } as Parameters<typeof planTimeInWords>[0];
  expect(planTimeInWords(plan)).toBe('3 h, set by [archive] requests_per_second');
  expect(planTimeInWords({ ...plan, entities: 0 })).toBe('no time');
});
