import { expect, test } from 'vitest';
import { sqlMutants } from '../../scripts/sql-mutants.ts';

const faults = (statement: string): string[] =>
  sqlMutants(statement).map(({ replacement }) => replacement.split('\n').at(-1)!.trim());

test('each condition is left out and turned around, each by itself', () => {
  expect(faults('where id = $1 and not is_done')).toEqual([
    'where (id = $1 and not is_done or true)',
    'where (id = $1 or true) and not is_done',
    'where id = $1 and (not is_done or true)',
    'where id = $1 and is_done',
    'where id <> $1 and not is_done',
  ]);
  expect(faults('  or state is null')).toEqual(['or (state is null and false)', 'or state is not null']);
});

test.each([
  [
    "and at <= now() - interval '1 hour'",
    ["and at < now() - interval '1 hour'", "and at <= now() + interval '1 hour'"],
  ],
  ['order by id desc', ['order by id']],
  ['for update skip locked', ['', 'for update']],
  ['set a = 1, b = 2', ['set b = 2', 'set a = 1']],
  ['attempts = attempts + 1,', ['', 'attempts = attempts - 1,']],
])('%s', (line, some) => {
  expect(faults(line)).toEqual(expect.arrayContaining(some));
});

test('where a fault stands is told by the line before it, and a comment has none', () => {
  expect(sqlMutants('select 1\nlimit 2')).toEqual([{ original: 'select 1\nlimit 2', replacement: 'select 1\n' }]);
  expect(faults('-- where id = 1')).toEqual([]);
});
