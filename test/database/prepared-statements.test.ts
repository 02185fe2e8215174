import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readDecisionBasisTogether } from '../../src/database/audits/decision-basis.ts';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import { createEmptyDatabase, createTestDatabase } from '../support/database.ts';
import { testsNeed } from '../support/needed-programs.ts';
import { startPgbouncer } from '../support/pgbouncer.ts';

interface Prepared {
  readonly statement: string;
  readonly generic_plans: number;
}

function opened(url: string, max = 1): Database {
  const db = openDatabase({ connectionString: url, max, prepare: true });
  onTestFinished(() => db.close());
  return db;
}

async function preparedIn(db: Database): Promise<readonly Prepared[]> {
  const { rows } = await db.query<Prepared>(
    `select statement, generic_plans from pg_prepared_statements where statement like '%marked%' order by statement`,
  );
  return rows;
}

const doubled = 'select $1::int * 2 as marked';

describe('on a direct connection', () => {
  test('what is asked again and again is planned once', async () => {
    const db = opened((await createEmptyDatabase()).url);
    for (let n = 0; n < 12; n += 1) expect((await db.query(doubled, [n])).rows).toEqual([{ marked: 2 * n }]);
    await db.transaction(async (tx) => expect((await tx.query(doubled, [50])).rows).toEqual([{ marked: 100 }]));
    const [prepared, ...others] = await preparedIn(db);
    expect(others).toEqual([]);
    expect(prepared?.statement).toBe(doubled);
    expect(Number(prepared?.generic_plans)).toBeGreaterThan(0);
  });

  test('entities that are audited at once are read by one plan, however many they are', async () => {
    const db = opened((await createTestDatabase()).url);
    for (let n = 0; n < 12; n += 1) {
      // The first is asked alone, and the others together, while its statement is under way.
      const gids = Array.from({ length: 3 + (n % 4) }, () => randomUUID());
      const about = gids.map((gid) => ({ key: { entityType: 'release', gid } as const, extraArtworkIds: [] }));
      await Promise.all(about.map((each) => readDecisionBasisTogether(db, each)));
    }
    const { rows } = await db.query<{ together: boolean; generic_plans: number }>(
      `select statement like '%unnest%asked (gid%' as together, generic_plans from pg_prepared_statements`,
    );
    expect(rows.filter(({ together }) => together).map((row) => row.generic_plans > 0)).toEqual([true]);
  });

  test('what is asked once or twice is not kept by the server', async () => {
    const db = opened((await createEmptyDatabase()).url);
    for (let n = 0; n < 20; n += 1) await db.query(`select $1::int + ${n} as marked`, [n]);
    expect(await preparedIn(db)).toEqual([]);
  });

  test('one that a change of its table has made useless costs one failure, and is asked again', async () => {
    const { url } = await createEmptyDatabase();
    const db = opened(url);
    const other = openDatabase({ connectionString: url });
    onTestFinished(() => other.close());
    await other.query('create table marked (id int)');
    const asked = (): Promise<unknown> => db.query('select * from marked where id > $1', [0]);
    for (let n = 0; n < 5; n += 1) await asked();
    await other.query('alter table marked add column more int');
    await expect(asked()).rejects.toThrow('cached plan must not change result type');
    await asked();
  });
});

describe.runIf(testsNeed('pgbouncer'))('through a pgbouncer that keeps no names', () => {
  test('nothing is named, and nobody comes upon another one’s', async () => {
    const { url } = await createEmptyDatabase();
    const pgbouncer = await startPgbouncer(url);
    onTestFinished(() => pgbouncer.stop());
    const db = opened(pgbouncer.url, 8);
    const asked = Array.from({ length: 80 }, async (_, n) => (await db.query(doubled, [n])).rows);
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 80 }, (_, n) => [{ marked: 2 * n }]));
    const direct = openDatabase({ connectionString: url });
    onTestFinished(() => direct.close());
    expect(await preparedIn(db)).toEqual([]);
  });
});
