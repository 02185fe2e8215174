import { expect, test } from 'vitest';
import { countEach, tryEach } from '../../src/database/database-away.ts';

const numbers = [1, 2, 3, 4];

/** Work that fails for some of the numbers, and tells which it was done for. */
function failingFor(reasons: Readonly<Record<number, Error>>) {
  const done: number[] = [];
  return {
    done,
    work: async (number: number): Promise<number> => {
      done.push(number);
      if (reasons[number]) throw reasons[number];
      return number;
    },
  };
}

test('where nothing fails, what came of each, or its sum', async () => {
  expect(await tryEach(numbers, failingFor({}).work)).toEqual(numbers);
  expect(await countEach(numbers, failingFor({}).work)).toBe(10);
});

test('one that fails keeps no other from its turn, and is what is thrown', async () => {
  const reason = new Error('a broken row');
  const { work, done } = failingFor({ 2: reason });
  await expect(tryEach(numbers, work)).rejects.toBe(reason);
  expect(done).toEqual(numbers);
});

test('of several the reasons are named, each once', async () => {
  const { work } = failingFor({ 1: new Error('a broken row'), 2: new Error('another'), 4: new Error('a broken row') });
  await expect(tryEach(numbers, work)).rejects.toThrow(/^3 of 4 failed: a broken row; another$/);
});

test('of many reasons only some', async () => {
  const all = Array.from({ length: 7 }, (_, number) => number);
  const work = async (number: number): Promise<never> => Promise.reject(new Error(`reason ${number}`));
  await expect(tryEach(all, work)).rejects.toThrow(/^7 of 7 failed: reason 0; .*reason 4; and 2 more reasons$/);
});

test('what every other would fail for ends it', async () => {
  const { work, done } = failingFor({ 2: Object.assign(new Error('terminated'), { code: '57P01' }) });
  await expect(tryEach(numbers, work)).rejects.toThrow('terminated');
  expect(done).toEqual([1, 2]);
});
