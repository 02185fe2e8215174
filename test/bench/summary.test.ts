import { expect, test } from 'vitest';
import { missingFigures, summarize } from '../../bench/summary.ts';

const run = (perSecond: number) => [{ what: 'clean entities', per_second: perSecond, plan: 'an index' }];

test('several runs: the median of each figure, and its bounds; words are the last run’s', () => {
  expect(summarize('audits', [run(3), run(9), run(4)])).toEqual([
    { bench: 'audits', what: 'clean entities', figure: 'per_second', median: 4, least: 3, most: 9 },
    {
      bench: 'audits',
      what: 'clean entities',
      figure: 'plan',
      median: 'an index',
      least: 'an index',
      most: 'an index',
    },
  ]);
});

test('rows are told apart by what they are about, also where they have the same figures', () => {
  const rows = [
    { rows: 'audit_entity', mb: 10 },
    { rows: 'its index', mb: 2 },
  ];
  expect(summarize('scale', [rows]).filter(({ figure }) => figure === 'mb')).toMatchObject([
    { what: 'audit_entity', median: 10 },
    { what: 'its index', median: 2 },
  ]);
});

test('a figure that is not there, is no number, or is nothing has not been measured', () => {
  const found = summarize('audits', [[{ what: 'all', fine: 1, nothing: 0, words: 'many', lost: Number.NaN }]]);
  expect(missingFigures(['fine', 'nothing', 'words', 'lost', 'absent'], found)).toEqual([
    'nothing',
    'words',
    'lost',
    'absent',
  ]);
});
