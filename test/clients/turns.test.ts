import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openBudget } from '../../src/clients/budget.ts';
import { CoolDownError } from '../../src/clients/errors.ts';
import { coolDown } from '../../src/database/budget.ts';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ musicbrainz: false });
});
afterAll(() => database.close());
beforeEach(() => database.db.query('truncate artwork_reconciler.budget'));

const lifted = 1_000_000;
const subject = { kind: 'metadata' } as const;
const budgetOf = (db: Database, requestsPerSecond: number) =>
  openBudget(db, 'archive', { requestsPerSecond, coolDownSeconds: 60 });

/** A process' connections, and how many statements it has sent. */
function countingProcess(): Database & { statements: number } {
  const pool = openDatabase({ connectionString: database.url });
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
    await db.close();
  });

  test('pays next to none where the limits are lifted', async () => {
    const db = countingProcess();
    const budget = budgetOf(db, lifted);
    const asker = async (): Promise<void> => {
      for (let n = 0; n < 200; n += 1) await budget.takeTurn(subject);
    };
    await Promise.all(Array.from({ length: 5 }, asker));
    expect(db.statements).toBeLessThan(200);
    await db.close();
  });
});

test('turns that were taken ahead are not used after another process was told to leave the service alone', async () => {
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
  // It has turns ahead by now, having used some.
  for (let n = 0; n < 50; n += 1) await budget.takeTurn(subject);
  await coolDown(told, 'archive', { retryAfterSeconds: 300, defaultSeconds: 60, reason: 'test' });
  const began = performance.now();
  await refused;
  // 25 ms, and what the two clocks are apart.
  expect(lastTurn - began).toBeLessThan(100);
  await Promise.all([asking.close(), told.close()]);
});

test('turns that were taken ahead are dropped once this process is told', async () => {
  const budget = budgetOf(database.db, lifted);
  for (let n = 0; n < 50; n += 1) await budget.takeTurn(subject);
  await budget.coolDown(subject, 300, 'test');
  await expect(budget.takeTurn(subject)).rejects.toThrow(CoolDownError);
});
