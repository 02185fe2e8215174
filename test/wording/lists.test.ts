import { expect, test } from 'vitest';
import { eventList } from '../../src/database/queue/list-events.ts';
import { bulkStateInWords, choiceInWords, filterInWords } from '../../src/wording/lists.ts';

test.each([
  [{}, 'all events'],
  [{ ids: [7] }, 'event 7'],
  [{ ids: Array.from({ length: 1200 }, (_, n) => n) }, '1,200 selected events'],
  [{ states: ['failed'], olderThan: 5400 }, 'all failed events created more than 90 min ago'],
  [
    { entityType: 'release', states: ['failed'], newerThan: 86_400 },
    'all failed events of releases, created in the last 1 day',
  ],
] as const)('the filter %j is said as %j', (filter, words) => {
  expect(filterInWords(eventList, filter as never)).toBe(words);
});

test('a choice is said in the field’s own words, or with spaces', () => {
  expect(choiceInWords({}, 'wont_fix_it')).toBe('wont fix it');
  expect(choiceInWords({ choiceInWords: (choice) => `(${choice})` }, 'a_b')).toBe('(a_b)');
});

test('what was stopped before anybody confirmed it was discarded', () => {
  expect(bulkStateInWords({ state: 'stopped', confirmedAt: null })).toBe('discarded');
  expect(bulkStateInWords({ state: 'stopped', confirmedAt: new Date() })).toBe('stopped');
  expect(bulkStateInWords({ state: 'planned', confirmedAt: null })).toBe('waits to be confirmed');
});
