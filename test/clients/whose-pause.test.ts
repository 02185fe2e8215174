import { describe, expect, test, vi } from 'vitest';
import { openBudget } from '../../src/clients/budget.ts';
import { CoolDownError, RefusedError } from '../../src/clients/errors.ts';
import { type CoolDown, readCoolDown } from '../../src/database/brakes/budget.ts';
import type { Database } from '../../src/database/connection.ts';
import { projects } from '../../src/domain/entity.ts';
import type { RequestKind } from '../../src/domain/queue/request-count.ts';
import { atTheSimulator, gid, item, otherGid, otherItem } from './at-the-simulator.ts';

const at = atTheSimulator();
const { release } = projects;
const body = Buffer.from('{}');

const coolDown = (): Promise<CoolDown | null> => readCoolDown(at.db, 'archive');

const third = '3f2d1c0b-9a8e-4d7c-b6a5-f4e3d2c1b0a9';

async function endPause(): Promise<void> {
  await at.db.query('update artwork_reconciler.budget set cool_down_until = clock_timestamp()');
}

describe('whose fault a pause is', () => {
  /** So long a `Retry-After` that nobody waits in place. */
  const long = { slowDownSeconds: 3600, retryAfter: 'always', retryAfterSeconds: 300, checkLimitSilent: 1 } as const;
  /**
   * Each time clients that know nothing of the others', as another worker's; `coolDown` is also how long others go first.
   * Turns are not taken ahead at this rate, so that each knows what the test has written.
   */
  const clients = (coolDown: string) =>
    at.clients({ ARCHIVE_COOL_DOWN_SECONDS: coolDown, ARCHIVE_REQUESTS_PER_SECOND: '100' });
  const write = (of: string, coolDown = '300') => clients(coolDown).writer.putIndex(release, of, body);
  const read = (of: string) => clients('300').reader.observe(of);
  const sent = (): number => at.requests().length;

  test('is told by another item, which is asked first: answered, it shows the one that was slowed down to be the cause', async () => {
    Object.assign(at.simulator.faults, { ...long, slowDownItem: [item] });
    await expect(write(gid)).rejects.toThrow(CoolDownError);
    await endPause();
    const before = sent();
    // Not the archive cools down any more: this item waits.
    const waits: unknown = await write(gid).catch((error: unknown) => error);
    expect(waits).toBeInstanceOf(CoolDownError);
    expect((waits as Error).message).toMatch(
      new RegExp(
        `^${item} was slowed down: it alone waits another (5\\d\\d|600) s, while other items are asked first$`,
      ),
    );
    expect(sent()).toBe(before);
    await write(otherGid);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(write(gid)).rejects.toThrow(/slows this item down/);
      expect(await coolDown()).toBeNull();
      await write(otherGid);
    }
    // It is asked no more than that: once, by each of its attempts.
    expect(at.simulator.requests()).toMatchObject({ put: 1 + 1 + 3 + 3, check_limit: 1 });
  });

  test('is everybody’s where the other is slowed down too, and then of neither', async () => {
    Object.assign(at.simulator.faults, { ...long, slowDown: { kinds: ['put'] } });
    for (const each of [gid, otherGid, third]) {
      await expect(write(each)).rejects.toThrow(CoolDownError);
      await endPause();
    }
    const { rows } = await at.db.query('select from artwork_reconciler.slow_down where is_to_blame');
    expect(rows).toEqual([]);
  });

  test('is of all that were slowed down, once one that was not is answered', async () => {
    Object.assign(at.simulator.faults, { ...long, slowDownItem: [item, otherItem] });
    await expect(write(gid)).rejects.toThrow(CoolDownError);
    await endPause();
    await expect(write(otherGid)).rejects.toThrow(CoolDownError);
    await endPause();
    await write(third);
    await expect(write(gid)).rejects.toThrow(RefusedError);
    await expect(write(otherGid)).rejects.toThrow(RefusedError);
    expect(await coolDown()).toBeNull();
  });

  test('stays an item’s while only what it was not slowed down for is answered', async () => {
    Object.assign(at.simulator.faults, { ...long, slowDownItem: [item] });
    await expect(write(gid)).rejects.toThrow(CoolDownError);
    await endPause();
    await write(otherGid);
    await read(gid);
    await expect(write(gid)).rejects.toThrow(/slows this item down/);
    expect(await coolDown()).toBeNull();
  });

  test('is an item’s no more once it takes such a request', async () => {
    Object.assign(at.simulator.faults, { ...long, slowDownItem: [item] });
    await expect(write(gid)).rejects.toThrow(CoolDownError);
    await endPause();
    await write(otherGid);
    at.simulator.faults.slowDownItem = 0;
    await write(gid);
    at.simulator.faults.slowDownItem = [item];
    await expect(write(gid)).rejects.toThrow(CoolDownError);
  });

  test('can’t be told by answers to what was asked before it, nor by those to reads where a write was slowed down', async () => {
    Object.assign(at.simulator.faults, {
      ...long,
      slowDownItem: [item],
      slow: { items: [otherItem] },
      slowSeconds: 0.5,
    });
    const earlier = write(otherGid);
    await vi.waitFor(() => expect(at.simulator.requests().put).toBe(1));
    await expect(write(gid)).rejects.toThrow(CoolDownError);
    await earlier;
    await endPause();
    await read(third);
    const before = sent();
    await expect(write(gid)).rejects.toThrow(CoolDownError);
    expect(sent()).toBe(before);
  });

  test('is an item’s at the third time, where nothing like it was asked and others were answered in between', async () => {
    Object.assign(at.simulator.faults, { ...long, slowDownItem: [item] });
    for (let time = 1; time <= 2; time += 1) {
      await expect(write(gid, '0.05')).rejects.toThrow(CoolDownError);
      await endPause();
      await read(third);
      // Long enough ago for others to have been asked first.
      await at.db.query('update artwork_reconciler.slow_down set others_first_until = clock_timestamp()');
    }
    await expect(write(gid, '0.05')).rejects.toThrow(RefusedError);
  });

  test.each([
    [
      'nobody’s own while several are slowed down and nobody is answered',
      [gid, otherGid, gid, otherGid, gid, otherGid, gid],
      CoolDownError,
    ],
    [
      'the item’s own after four where it alone asks: it stops the others no longer',
      [gid, gid, gid, gid],
      RefusedError,
    ],
  ])('is %s', async (_whose, before, thenRejectsWith) => {
    Object.assign(at.simulator.faults, { ...long, slowDown: { kinds: ['put'] } });
    for (const slowed of before) {
      await expect(write(slowed, '0.05')).rejects.toThrow(CoolDownError);
      await endPause();
      await at.db.query('update artwork_reconciler.slow_down set others_first_until = clock_timestamp()');
    }
    await expect(write(gid, '0.05')).rejects.toThrow(thenRejectsWith);
  });

  test('is told for reads likewise: one item’s 429 is not everybody’s for ever', async () => {
    Object.assign(at.simulator.faults, { ...long, tooManyRequests: { items: [item], kinds: ['metadata'] } });
    await expect(read(gid)).rejects.toThrow(CoolDownError);
    await endPause();
    const before = sent();
    await expect(read(gid)).rejects.toThrow(CoolDownError);
    expect(sent()).toBe(before);
    await read(otherGid);
    await expect(read(gid)).rejects.toThrow(/slows this item down: HTTP 429.* \(GET .+\/metadata\/mbid-/);
    expect(await coolDown()).toBeNull();
  });

  test('need not be known where nobody else asks: the item is asked again after a while', async () => {
    Object.assign(at.simulator.faults, {
      slowDownItem: { items: [item], next: 2 },
      checkLimitSilent: 1,
      retryAfter: 'never',
    });
    await write(gid, '0.05');
    const puts = at.requests().filter(({ kind }) => kind === 'put');
    expect(puts.map(({ status }) => status)).toEqual([503, 503, 200]);
    // Each after the pause, and as long again for others.
    expect(puts[1]!.at - puts[0]!.at).toBeGreaterThanOrEqual(100);
    const { rows } = await at.db.query('select from artwork_reconciler.slow_down');
    expect(rows).toEqual([]);
  });
});

describe('an answer that asks for no pause', () => {
  /** The archive's budget in a process of its own, and how many statements it has asked for. */
  function counted() {
    const asked = { statements: 0 };
    const query: Database['query'] = (sql, values) => {
      asked.statements += 1;
      return at.db.query(sql, values);
    };
    const options = { requestsPerSecond: 1000, coolDownSeconds: 300 };
    return { asked, budget: openBudget({ ...at.db, query }, 'archive', options) };
  }
  const slowDown = (bucket: string, isToBlame: boolean) =>
    at.db.query(
      `insert into artwork_reconciler.slow_down (bucket, times, at, is_to_blame) values ($1, 2, clock_timestamp(), $2)`,
      [bucket, isToBlame],
    );

  test.each([
    ['no statement where nobody was slowed down', [], item, 0],
    ['none where it is known whose fault that was', [[otherItem, true]], item, 0],
    ['none where it is about no item', [[otherItem, false]], undefined, 0],
    ['one where another item was slowed down', [[otherItem, false]], item, 1],
    ['one where its own was', [[item, false]], item, 1],
  ] as const)('costs %s', async (_what, slowed, of, statements) => {
    for (const [bucket, isToBlame] of slowed) await slowDown(bucket, isToBlame);
    const { asked, budget } = counted();
    await budget.takeTurn({ kind: 'put', item: of });
    const before = asked.statements;
    await budget.answered({ kind: 'put', item: of }, performance.now());
    expect(asked.statements - before).toBe(statements);
  });

  test('ends a row of pauses, also where it began while the request was under way, and once', async () => {
    const { asked, budget } = counted();
    const subject = { kind: 'scrape' } as const;
    await budget.takeTurn(subject);
    expect(await budget.coolDown(subject, null, 'test')).toBe(false);
    await endPause();
    await budget.answered(subject, performance.now());
    const { rows } = await at.db.query('select cool_down_streak as streak from artwork_reconciler.budget');
    expect(rows).toEqual([{ streak: 0 }]);
    const before = asked.statements;
    await budget.answered(subject, performance.now());
    expect(asked.statements).toBe(before);
  });

  test.each<[RequestKind, RequestKind, boolean]>([
    ['put', 'copy', true],
    ['copy', 'delete', true],
    ['delete', 'put', true],
    ['metadata', 'metadata', true],
    ['metadata', 'put', false],
    ['copy', 'metadata', false],
    ['metadata', 'download', false],
  ])(
    'after a pause for an item’s %s tells, as one to another’s %s, whose fault that was: %s',
    async (first, then, told) => {
      // However many are known to be to blame.
      await slowDown(`mbid-${third}`, true);
      const { budget } = counted();
      await budget.coolDown({ kind: first, item }, null, 'test');
      await endPause();
      await budget.takeTurn({ kind: then, item: otherItem });
      await budget.answered({ kind: then, item: otherItem }, performance.now());
      expect(await budget.isToBlame(item)).toBe(told);
    },
  );
});
