import { expect, test } from 'vitest';
import { keep, keepEach } from '../../src/monitoring/cached.ts';

const aDay = 86_400_000;
const soon = { keep: () => 0, patience: () => aDay };
const long = { keep: () => aDay, patience: () => aDay };

/** Gives 1, 2, 3 … */
function counting(): () => Promise<number> {
  let n = 0;
  return () => Promise.resolve((n += 1));
}

test('what was read is given out again while it is recent, and then read again', async () => {
  const kept = keep(counting(), long);
  expect([await kept.get(), await kept.get()]).toEqual([1, 1]);
  const fresh = keep(counting(), soon);
  expect([await fresh.get(), await fresh.get()]).toEqual([1, 2]);
});

test('those who ask at once share a reading', async () => {
  const kept = keep(counting(), soon);
  expect(await Promise.all([kept.get(), kept.get(), kept.get()])).toEqual([1, 1, 1]);
});

test('what is not there in time is null now, and there the next time', async () => {
  let finish = (_: number): void => undefined;
  const kept = keep(() => new Promise<number>((resolve) => (finish = resolve)), {
    keep: () => aDay,
    patience: () => 1,
  });
  expect(await kept.get()).toBeNull();
  finish(7);
  expect(await kept.get()).toBe(7);
  expect(await kept.get()).toBe(7);
});

test('what was read before is given where what is newer is not there in time, unless it is too old', async () => {
  let finish = (_: number): void => undefined;
  const read = () => new Promise<number>((resolve) => (finish = resolve));
  const oneAfterAnother = async (stale: number) => {
    const kept = keep(read, { keep: () => 0, patience: () => 1, stale });
    const first = kept.get();
    finish(1);
    // One that is late is there the next time, and not before.
    return [await first, await kept.get(), await kept.get()];
  };
  expect(await oneAfterAnother(aDay)).toEqual([1, 1, 1]);
  expect(await oneAfterAnother(0)).toEqual([1, null, null]);
});

test('each key is kept by itself, and no more keys than were asked for', async () => {
  const asked: string[] = [];
  const kept = keepEach((key: string) => Promise.resolve(asked.push(key)), long, 2);
  for (const key of ['a', 'b', 'a', 'b', 'c', 'b', 'a']) await kept(key);
  expect(asked).toEqual(['a', 'b', 'c', 'a']);
});

test('what can’t be read is null, kept as long, and told once', async () => {
  const errors: unknown[] = [];
  let tries = 0;
  const read = () => {
    tries += 1;
    return Promise.reject(new Error(`try ${tries}`));
  };
  const kept = keep(read, { ...long, onError: (error) => errors.push(error) });
  expect([await kept.get(), await kept.get(), tries, errors]).toEqual([null, null, 1, [new Error('try 1')]]);
  const eager = keep(read, soon);
  await eager.get();
  await eager.get();
  expect(tries).toBe(3);
});

test('what was forgotten is read again, also where it was being read', async () => {
  const kept = keep(counting(), long);
  expect(await kept.get()).toBe(1);
  kept.forget();
  const former = kept.get();
  kept.forget();
  expect([await kept.get(), await former, await kept.get()]).toEqual([3, 2, 3]);
});

test('what was being read when it was forgotten never stands in for what was read since', async () => {
  const finish: ((n: number) => void)[] = [];
  const kept = keep(() => new Promise<number>((resolve) => finish.push(resolve)), long);
  const former = kept.get();
  kept.forget();
  const now = kept.get();
  finish[1]!(2);
  expect(await now).toBe(2);
  finish[0]!(1);
  expect(await former).toBe(1);
  expect(await kept.get()).toBe(2);
});
