/*
 * Every statement of the program against the server: whether it takes it, and whether its rows have the columns and types
 * that the program says. Not whether they may be null: a column of the schema that may be null is no null where the
 * statement says so (`where claim_workflow_id is not null`, an inner join), and one that may not is null behind a left join;
 * a description of a result tells neither, so that a check of it would have to be told most of what it should find out.
 */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bulkLineList } from '../../../src/database/operators/by-list.ts';
import { bulkRowList } from '../../../src/database/bulk-actions/list-bulk-rows.ts';
import type { Database } from '../../../src/database/connection.ts';
import { entityList } from '../../../src/database/entities/list-entities.ts';
import { findingList } from '../../../src/database/entities/list-findings.ts';
import type { FieldTable } from '../../../src/database/lists/fields.ts';
import { countList, type List, neighboursIn, readList } from '../../../src/database/lists/list.ts';
import { operatorActionList } from '../../../src/database/bulk-actions/operator-actions.ts';
import { eventList } from '../../../src/database/queue/list-events.ts';
import { reviewList } from '../../../src/database/reviews/list-reviews.ts';
import { asAsked, createTestDatabase } from '../../support/database.ts';
import { type ColumnType, fits, readColumnType } from './column-types.ts';
import { describeStatement } from './describe.ts';
import { findStatements, type Found, type RowType, type Statement } from './statements.ts';

/** Statements whose text the program's text doesn't tell, by file and function. */
const untold: Readonly<Record<string, string>> = {
  'src/activities/run.ts aliveDatabase': 'passes on what its caller asks',
  'src/database/connection.ts asking': 'passes on what its caller asks',
  'src/database/connection.ts inTransaction':
    'passes on what its caller asks, and begins with several statements at once',
  'src/database/connection.ts openDatabase': 'passes on what its caller asks',
  'src/database/database-away.ts databaseUntil': 'passes on what its caller asks',
  'src/database/connection.ts single': 'passes on what its caller asks, and begins with several statements at once',
  'src/database/entities/claims.ts claimShare': 'is about any entity types',
  'src/database/musicbrainz/find-by-title.ts findByTitle': 'has the collation of the names, which it asks first',
  'src/database/connection.ts ': 'passes on what its caller asks, under a name',
  'src/database/connection.ts keepsStatements': 'prepares a statement by a name',
  'src/database/schema/migration-status.ts readLosses': 'names what the down parts of migrations drop',
  'src/database/schema/triggers.ts installTriggers': 'runs what the files of triggers say',
  'src/simulator/musicbrainz/seed.ts run': "runs files of MusicBrainz' schema",
  // Below, with lists that there are.
  'src/database/lists/list.ts placeOfRow': 'is about any list',
  'src/database/lists/walk.ts countWalk': 'is about any list',
  'src/database/lists/walk.ts lastInspected': 'is about any list',
  'src/database/lists/walk.ts readWalk': 'is about any list',
  'src/database/queue/list-events.ts edge': 'is about the states of a filter',
};

const lists = {
  bulkLineList,
  bulkRowList,
  entityList,
  eventList,
  findingList,
  operatorActionList,
  reviewList,
} as object as Readonly<Record<string, List<never, FieldTable>>>;

/** The one column of an `explain`, as PostgreSQL names it. */
const explained = 'QUERY PLAN';

/** Columns that statements have for what reading them does, and nobody reads. */
const unread: ReadonlySet<string> = new Set(['holding']);

const database = await createTestDatabase();
let client: pg.Client;
let found: Found;
const columnTypes = new Map<number, ColumnType>();

beforeAll(async () => {
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  found = findStatements();
});
afterAll(() => client.end());

/** What the server says against a statement, or against what its rows are said to be. */
async function faultsOf(text: string, row: RowType | null): Promise<string[]> {
  const described = await describeStatement(client, text);
  if (described.kind === 'refused') return [`${described.error}: ${text}`];
  if (row === null) return [];
  const columns = new Map(described.columns.map((column) => [column.name, column.oid]));
  const faults = [...row.keys()].filter((name) => !columns.has(name)).map((name) => `there is no column ${name}`);
  for (const [name, oid] of columns) {
    const type = row.get(name);
    if (type === undefined) {
      if (!unread.has(name)) faults.push(`nothing is said of the column ${name}`);
      continue;
    }
    if (!columnTypes.has(oid)) columnTypes.set(oid, await readColumnType(database.db, oid));
    const column = columnTypes.get(oid)!;
    const said = found.checker.typeToString(type);
    if (!fits(found.checker, type, column)) faults.push(`the column ${name} is ${column.name}, not ${said}`);
  }
  return faults;
}

describe('a statement of the program', () => {
  test('is one that the server takes, and gives the columns of which its type speaks', async () => {
    const faults: string[] = [];
    for (const { within, line, texts, row } of found.statements) {
      if (within in untold) continue;
      const own = new Set<string>();
      for (const text of texts) for (const fault of await faultsOf(text, row)) own.add(fault);
      faults.push(...[...own].map((fault) => `${within}, line ${line}: ${fault}`));
    }
    expect(faults).toEqual([]);
  });

  test('is known before it is run, but for those that are listed with why', () => {
    const unknown = found.statements.filter((statement) => statement.untold !== null);
    const unlisted = unknown.filter(({ within }) => !(within in untold));
    expect(unlisted.map(({ within, line, untold: why }) => `${within}, line ${line}: ${why}`)).toEqual([]);
    const names = new Set(found.statements.map(({ within }) => within));
    expect(Object.keys(untold).filter((within) => !names.has(within))).toEqual([]);
    expect(found.statements.length).toBeGreaterThan(350);
  });

  test('names the columns of its rows as the program names its properties, in camelCase', () => {
    const others = found.statements.flatMap(({ within, line, row }) =>
      [...(row?.keys() ?? [])]
        .filter((name) => name !== explained && !/^[a-z][A-Za-z0-9]*$/.test(name))
        .map((name) => `${within}, line ${line}: ${name}`),
    );
    expect(others).toEqual([]);
  });

  test('makes an interval of a number in one way: make_interval', () => {
    const others = found.statements.filter(({ texts }) => texts.some((text) => /\* interval|interval \*/.test(text)));
    expect(others.filter(({ within }) => within.startsWith('src/database/')).map(({ within }) => within)).toEqual([]);
  });

  test('has none of its own text among its values', () => {
    const bound = found.statements.flatMap(({ within, boundConstants }: Statement) =>
      boundConstants.map((text) => `${within.split(' ')[0]}: ${text}`),
    );
    expect([...new Set(bound)]).toEqual([]);
  });
});

/** The statements that are asked, with the database's answers. */
async function asked(ask: (db: Database) => Promise<unknown>): Promise<string[]> {
  const texts: string[] = [];
  await ask({
    ...database.db,
    query: (statement, values) => {
      texts.push(asAsked(statement, values).sql);
      return database.db.query(statement, values);
    },
  });
  return texts;
}

test.each(Object.entries(lists))('the rows of %s have the columns of which their type speaks', async (name, list) => {
  const texts = await asked(async (db) => {
    await readList(db, list, list.standard, { limit: 1, look: 2 });
    await countList(db, list, list.standard, 2);
    await neighboursIn(db, list, list.standard, { id: 1, look: 2 });
  });
  const row = new Map([...found.lists.get(name)!, ['place', found.checker.getAnyType()]]);
  const [page, ...others] = texts;
  expect(await faultsOf(page!, row)).toEqual([]);
  for (const text of others) expect(await faultsOf(text, null)).toEqual([]);
});

test('every list is among these', () => {
  expect([...found.lists.keys()].sort()).toEqual(Object.keys(lists).sort());
});

test('so is what is put together for a filter, one that the server takes', async () => {
  const texts = await asked(async (db) => {
    for (const side of ['olderThan', 'newerThan']) {
      await readList(db, eventList, { states: ['failed'], [side]: 60 }, { limit: 1, look: 2 });
    }
  });
  for (const text of texts) expect(await faultsOf(text, null)).toEqual([]);
});
