import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { UsageError } from '../../src/commands/errors.ts';
import { checkSelection, isForWorkers, reportOutcomes, type ShownOutcome } from '../../src/commands/row-outcomes.ts';

let printed = { stdout: '', stderr: '' };
beforeEach(() => {
  printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      printed[name] += String(text);
      return true;
    });
  }
});
afterEach(() => void vi.restoreAllMocks());

const shown: readonly ShownOutcome[] = [
  { id: 2, outcome: 'skipped', words: 'skipped: a twin of it is queued' },
  {
    id: 1,
    outcome: 'requeued',
    words: 'queued again',
    name: { name: 'Harbour Songs', artist: null, mergedInto: null },
  },
  { id: 3, outcome: 'requeued', words: 'queued again', detail: { along: true } },
];
const one: ShownOutcome = { id: 4, outcome: 'refused', words: 'refused: it is running' };

describe('what became of rows', () => {
  test('is a line each, and beside them how many there are of each kind', () => {
    reportOutcomes('event', shown, {});
    expect(printed).toEqual({
      stdout:
        'event 2: skipped: a twin of it is queued\nevent 1 “Harbour Songs”: queued again\nevent 3: queued again\n',
      stderr: '2 requeued, 1 skipped\n',
    });
  });

  test('is an object each for programs, which says of a dry run that it is one', () => {
    reportOutcomes('event', shown.slice(2), { json: true, dryRun: true });
    expect(JSON.parse(printed.stdout)).toEqual({ id: 3, outcome: 'requeued', along: true, dry_run: true });
    expect(printed.stderr).toBe('1 would be requeued; nothing was changed\n');
  });

  test('is a failure where something that was asked for by its id was refused, and none where a filter chose it', () => {
    expect(() => reportOutcomes('event', [...shown, one], {})).toThrow('1 of what was asked for was not done');
    expect(() => reportOutcomes('event', [one], { dryRun: true })).toThrow('would not be done');
    expect(() => reportOutcomes('event', [one], { all: true })).not.toThrow();
    expect(printed.stderr).toContain('2 requeued, 1 skipped, 1 refused\n');
  });

  test('of none is said, too', () => {
    reportOutcomes('review', [], {});
    expect(printed).toEqual({ stdout: '', stderr: 'There are none\n' });
  });
});

test('workers do what is more than a batch, or what nobody has counted', () => {
  const config = { bulk: { rows: 2 } } as Parameters<typeof isForWorkers>[2];
  expect(
    [
      [1, 2],
      [1, 2, 3],
    ].map((ids) => isForWorkers(ids, {}, config)),
  ).toEqual([false, true]);
  expect(isForWorkers([], { all: true }, config)).toBe(true);
});

describe('nothing is done to everything by surprise', () => {
  const example = { some: '--state failed', whole: 'that is any' };
  const select = (ids: readonly number[], all: boolean, filtered: boolean) => () =>
    checkSelection('event', { ids, all, filtered }, example);

  test('ids alone choose, and --all with an option that does', () => {
    expect(select([1], false, false)).not.toThrow();
    expect(select([], true, true)).not.toThrow();
  });

  test.each([
    [[1], true, false],
    [[1], false, true],
    [[], false, false],
    [[], false, true],
    [[], true, false],
  ])('the ids %j, all: %j, filtered: %j are wrong usage', (ids, all, filtered) => {
    expect(select(ids, all, filtered)).toThrow(UsageError);
  });
});
