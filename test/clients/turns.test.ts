import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openBudget } from '../../src/clients/budget.ts';
import { ClaimGoneError, CoolDownError } from '../../src/clients/errors.ts';
import { coolDown, takeTurns } from '../../src/database/brakes/budget.ts';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import { DatabaseClock } from '../../src/database/time-limits.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase({ musicbrainz: false });
beforeEach(() => database.db.query('truncate artwork_reconciler.budget, artwork_reconciler.slow_down'));

const lifted = 1_000_000;
const subject = { kind: 'metadata' } as const;
const budgetOf = (db: Database, requestsPerSecond: number) =>
  openBudget(db, 'archive', { requestsPerSecond, coolDownSeconds: 60 });

/** A process' connections, until the test is over, and how many statements it has sent. */
function countingProcess(): Database & { statements: number } {
  const pool = openDatabase({ connectionString: database.url });
  onTestFinished(() => pool.close());
  const counting = {
    ...pool,
    statements: 0,
    query: ((sql, values) => {
      counting.statements += 1;
      return pool.query(sql, values);
    }) as Database['query'],
  };
  return counting;
}

describe('a process that has much to ask', () => {
  test('pays one statement for all that ask while another is under way', async () => {
    const db = countingProcess();
    const budget = budgetOf(db, 100);
    await Promise.all(Array.from({ length: 20 }, () => budget.takeTurn(subject)));
    // The service's row is made by the first; one that comes too late for its turn takes another.
    expect(db.statements).toBeLessThan(20);
  });

  test('pays a share of one where the limits are lifted', async () => {
    const db = countingProcess();
    const budget = budgetOf(db, lifted);
    const asker = async (): Promise<void> => {
      for (let n = 0; n < 200; n += 1) await budget.takeTurn(subject);
    };
    await Promise.all(Array.from({ length: 5 }, asker));
    // A thousand turns; while one of the five is answered, the others ask together.
    expect(db.statements).toBeLessThan(600);
  });

  test('sends what was asked for together a share of a second apart', async () => {
    const budget = budgetOf(countingProcess(), 10);
    await budget.takeTurn(subject);
    const turns = await Promise.all(
      Array.from({ length: 4 }, async () => {
        await budget.takeTurn(subject);
        return performance.now();
      }),
    );
    turns.sort((one, other) => one - other);
    // 105 ms, less what the one before may be late.
    for (const [n, turn] of turns.slice(1).entries()) expect(turn - turns[n]!).toBeGreaterThan(50);
  });
});

test.each([
  ['has another, but is not kept for ever: it has the eleventh', 100, 11],
  ['has it, where more are allowed than anybody counts', lifted, 1],
])('who is always too late for a turn %s', async (_has, requestsPerSecond, turns) => {
  const db = countingProcess();
  const budget = openBudget(db, 'archive', { requestsPerSecond, coolDownSeconds: 60, longestWaitSeconds: 20 });
  // How the clocks stand is told by the fastest of some answers.
  for (let n = 0; n < 10; n += 1) await budget.takeTurn(subject);
  const before = db.statements;
  afterMs(200);
  await budget.takeTurn(subject);
  expect(db.statements - before).toBe(turns);
});

test('a turn is not refused because the database was slow to answer', async () => {
  await takeTurns(database.db, 'archive', { requestsPerSecond: lifted });
  const options = { requestsPerSecond: lifted, coolDownSeconds: 60, longestWaitSeconds: 1 };
  await expect(openBudget(answeringAfter(5_000), 'archive', options).takeTurn(subject)).resolves.toBeUndefined();
});

test('a turn that was told long ago is used where the database was asked again since', async () => {
  await takeTurns(database.db, 'archive', { requestsPerSecond: 0.9 });
  // Another turn would be refused.
  const db = answeringAfter(11_000, () =>
    database.db.query(`update artwork_reconciler.budget set next_free_at = clock_timestamp() + interval '1 minute'`),
  );
  const options = { requestsPerSecond: lifted, coolDownSeconds: 60, longestWaitSeconds: 30 };
  await expect(openBudget(db, 'archive', options).takeTurn(subject)).resolves.toBeUndefined();
});

test('one service is asked while another is to be left alone, at the same rate', async () => {
  const options = { requestsPerSecond: lifted, coolDownSeconds: 300 };
  const archive = openBudget(database.db, 'archive', options);
  await archive.coolDown(subject, null, 'test');
  await expect(archive.takeTurn(subject)).rejects.toThrow(CoolDownError);
  await openBudget(database.db, 'musicbrainz', options).takeTurn({ kind: 'ws' });
});

describe('who waits', () => {
  const slowed = { kind: 'put', item: 'mbid-1' } as const;
  const slowDown = `insert into artwork_reconciler.slow_down (bucket, times, at, others_first_until)
    values ('mbid-1', 2, clock_timestamp(), clock_timestamp() + interval '20 seconds')`;

  test.each([
    ['a turn', `update artwork_reconciler.budget set next_free_at = clock_timestamp() + interval '20 seconds'`],
    ['others to be asked first', slowDown],
  ])('for %s does so no longer than the work goes on', async (_what, statement) => {
    const budget = budgetOf(database.db, lifted);
    await budget.takeTurn(subject);
    await database.db.query(statement);
    await expect(budget.takeTurn(slowed, AbortSignal.timeout(50))).rejects.toThrow('The operation was aborted');
  });

  test('for others again and again, each time for a little, is refused in the end', async () => {
    await takeTurns(database.db, 'archive', { requestsPerSecond: lifted });
    await database.db.query(slowDown);
    const db: Database = {
      ...database.db,
      query: async (sql, values) => {
        await database.db.query(
          `update artwork_reconciler.slow_down set others_first_until = clock_timestamp() + interval '0.4 seconds'`,
        );
        await database.db.query(
          `update artwork_reconciler.budget set next_free_at = clock_timestamp() + interval '0.2 seconds'`,
        );
        return database.db.query<never>(sql, values);
      },
    };
    const budget = openBudget(db, 'archive', { requestsPerSecond: lifted, coolDownSeconds: 60, longestWaitSeconds: 1 });
    const error: unknown = await budget
      .takeTurn(slowed, AbortSignal.timeout(30_000))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CoolDownError);
    expect((error as CoolDownError).waitSeconds).toBeLessThan(1);
  });
});

/** A database whose first answer takes so long, by this process' clock, while something else happens. */
function answeringAfter(milliseconds: number, meanwhile?: () => Promise<unknown>): Database {
  let late = true;
  return {
    ...database.db,
    query: async (sql, values) => {
      const answer = await database.db.query<never>(sql, values);
      if (!late) return answer;
      late = false;
      await meanwhile?.();
      afterMs(milliseconds);
      return answer;
    },
  };
}

/** Lets this process' clock be so much further on, until the test is over. */
function afterMs(milliseconds: number): void {
  const now = performance.now.bind(performance);
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => now() + milliseconds);
  onTestFinished(() => spy.mockRestore());
}

test('where the limits are lifted too, no turn is given after another process was told to leave the service alone', async () => {
  const [asking, told] = [
    openDatabase({ connectionString: database.url }),
    openDatabase({ connectionString: database.url }),
  ];
  const budget = budgetOf(asking, lifted);
  let lastTurn = 0;
  const ask = (async () => {
    for (;;) {
      await budget.takeTurn(subject);
      lastTurn = performance.now();
    }
  })();
  const refused = expect(ask).rejects.toThrow(CoolDownError);
  for (let n = 0; n < 50; n += 1) await budget.takeTurn(subject);
  await coolDown(told, 'archive', { retryAfterSeconds: 300, defaultSeconds: 60, reason: 'test' });
  const began = performance.now();
  await refused;
  // 25 ms, and what the two clocks are apart.
  expect(lastTurn - began).toBeLessThan(100);
  await Promise.all([asking.close(), told.close()]);
});

test('who waits for turns for a short time only is not kept by one who waits longer', async () => {
  const options = { requestsPerSecond: 1, coolDownSeconds: 60 };
  const patient = openBudget(database.db, 'archive', options);
  await patient.takeTurn(subject);
  await database.db.query(
    `update artwork_reconciler.budget set next_free_at = clock_timestamp() + interval '1 minute'`,
  );
  const hasty = openBudget(database.db, 'archive', { ...options, longestWaitSeconds: 1 });
  const error: unknown = await hasty.takeTurn(subject).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CoolDownError);
  expect((error as CoolDownError).waitSeconds).toBeGreaterThan(1);
  expect((error as CoolDownError).waitSeconds).toBeLessThanOrEqual(60);
});

describe('how this process’ clock stands to the database’s', () => {
  const began = Date.parse('2026-01-31T12:00:00Z');
  let now = 0;
  beforeEach(() => {
    now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    return () => vi.restoreAllMocks();
  });
  /** An answer that says when the database answered, and that took so long to come. */
  const seen = (clock: DatabaseClock, at: number, delay: number): void => {
    now = at + delay;
    clock.seen(began + at, at);
  };

  test('is told by the fastest answer, however slow others are', () => {
    const clock = new DatabaseClock();
    seen(clock, 0, 40);
    seen(clock, 100, 3);
    seen(clock, 200, 90);
    expect(clock.since(began + 200)).toBe(87);
  });

  test('is told by the fastest of the last minute at most, since clocks run apart', () => {
    const clock = new DatabaseClock();
    seen(clock, 0, 3);
    seen(clock, 31_000, 20);
    expect(clock.since(began + 31_000)).toBe(17);
    seen(clock, 62_000, 20);
    expect(clock.since(began + 62_000)).toBe(0);
  });

  test('is told afresh once one of the clocks was set', () => {
    const clock = new DatabaseClock();
    seen(clock, 0, 3);
    // The database's was set back by an hour.
    now = 100;
    clock.seen(began - 3_600_000, 99);
    expect(clock.since(began - 3_600_000)).toBe(0);
  });

  test('is not told by an answer that was long on its way, as one is that the network gives back after a minute', () => {
    const clock = new DatabaseClock();
    seen(clock, 0, 3);
    seen(clock, 100, 60_000);
    expect(clock.since(began + 100)).toBe(59_997);
  });
});

test('the time that the archive’s is compared with is the database’s, however far off this machine’s clock is', async () => {
  const budget = budgetOf(countingProcess(), lifted);
  // Before the first turn nothing is known of it.
  expect(Math.abs(budget.now() - Date.now())).toBeLessThan(60_000);
  await budget.takeTurn(subject);
  const real = Date.now();
  vi.spyOn(Date, 'now').mockImplementation(() => real + 3_600_000);
  try {
    expect(Math.abs(budget.now() - real)).toBeLessThan(60_000);
  } finally {
    vi.restoreAllMocks();
  }
});

describe('the turn of a write', () => {
  const write = { kind: 'put', item: 'mbid-1', holder: 'run 1' } as const;
  /** An event that a run has claimed; its id. */
  async function claimed(): Promise<number> {
    const { rows } = await database.db.query<{ event: number }>(
      `with event as (
         insert into artwork_indexer.event_queue (entity_type, action, state, attempts, message)
         values ('release', 'noop', 'running', 1, '{}') returning id
       )
       insert into artwork_reconciler.event_claim
         (event, workflow_id, run_id, attempt, claimed_at, attempts_before, last_updated_before)
       select id, 'event', 'run 1', 1, now(), 0, now() from event returning event`,
    );
    return rows[0]!.event;
  }
  const release = (event: number) =>
    database.db.query('delete from artwork_reconciler.event_claim where event = $1', [event]);
  afterEach(() => database.db.query('delete from artwork_indexer.event_queue'));

  test('is given to a run that holds its event, and to nobody whose claim is gone', async () => {
    const budget = budgetOf(database.db, lifted);
    const event = await claimed();
    await budget.takeTurn(write);
    await expect(budget.takeTurn({ ...write, holder: 'run 2' })).rejects.toThrow(ClaimGoneError);
    await release(event);
    await expect(budget.takeTurn(write)).rejects.toThrow(new ClaimGoneError('mbid-1'));
    // What reads needs no claim.
    await budget.takeTurn(subject);
  });

  test.each([
    ['queued the event again', `state = 'queued'`],
    ['taken the event since', 'attempts = 2'],
  ])('is not given where somebody has %s', async (_what, change) => {
    await claimed();
    await database.db.query(`update artwork_indexer.event_queue set ${change}`);
    await expect(budgetOf(database.db, lifted).takeTurn(write)).rejects.toThrow(ClaimGoneError);
  });

  test('is given after a long wait where the claim is held still, as that of a read is, which needs none', async () => {
    await claimed();
    // The other daemon's housekeeping takes no claim away.
    await database.db.query(`update artwork_indexer.event_queue set state = 'failed'`);
    const options = { requestsPerSecond: 1, coolDownSeconds: 60, longestWaitSeconds: 15 };
    const budget = openBudget(database.db, 'archive', options);
    await takeTurns(database.db, 'archive', { requestsPerSecond: 0.9 });
    await expect(Promise.all([budget.takeTurn(write), budget.takeTurn(subject)])).resolves.toHaveLength(2);
  });

  test('is none any more where the claim went while it was waited for', async () => {
    const event = await claimed();
    const budget = budgetOf(database.db, 0.25);
    await budget.takeTurn(write);
    const turn = expect(budget.takeTurn(write)).rejects.toThrow(new ClaimGoneError('mbid-1'));
    // The turn is taken: it is four seconds ahead.
    await vi.waitFor(async () => {
      const { rows } = await database.db.query(
        `select from artwork_reconciler.budget where next_free_at > clock_timestamp() + interval '4.3 seconds'`,
      );
      expect(rows).toHaveLength(1);
    }, 4_000);
    await release(event);
    await turn;
  });

  test('is taken once more where the answer was on its way for as long as it takes to lose a claim', async () => {
    const event = await claimed();
    const db = answeringAfter(15_000, () => release(event));
    await takeTurns(database.db, 'archive', { requestsPerSecond: lifted });
    await expect(budgetOf(db, lifted).takeTurn(write)).rejects.toThrow(ClaimGoneError);
  });
});
