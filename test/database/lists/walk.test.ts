import fc from 'fast-check';
import sql, { empty } from 'sql-template-tag';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  countWalk,
  InvalidPlaceError,
  type KeyColumn,
  readPlace,
  readWalk,
  reversed,
  type WalkedList,
  writePlace,
} from '../../../src/database/lists/walk.ts';
import { createTestDatabase } from '../../support/database.ts';

const database = await createTestDatabase({ musicbrainz: false });
beforeAll(async () => {
  await database.db.query('create table listed (id bigint primary key, level smallint, at timestamptz, shown boolean)');
});
beforeEach(() => database.db.query('truncate listed'));

interface Row {
  readonly id: number;
  readonly level: number | null;
  /** Microseconds since 1970. */
  readonly at: number | null;
  readonly shown: boolean;
}

const types = { id: 'bigint', level: 'smallint', at: 'timestamptz' } as const;
type Key = Pick<KeyColumn, 'direction' | 'nulls'> & { readonly column: keyof typeof types };

function listBy(keys: readonly Key[]): WalkedList {
  return {
    walk: {
      alias: 'listed',
      from: sql`listed`,
      where: sql`true`,
      order: keys.map(({ column, ...key }) => ({ sql: `listed.${column}`, type: types[column], ...key })),
    },
    join: { filter: empty, columns: empty },
    columns: sql`listed.id`,
    filter: sql`listed.shown`,
  };
}

/** The order that the keys stand for. */
function inOrder(rows: readonly Row[], keys: readonly Key[]): Row[] {
  const compare = (one: Row, other: Row, { column, direction, nulls }: Key): number => {
    const [left, right] = [one[column], other[column]];
    if (left === right) return 0;
    if (left === null || right === null) return (left === null) === (nulls === 'first') ? -1 : 1;
    return direction === 'desc' ? right - left : left - right;
  };
  return rows.toSorted((one, other) => keys.map((key) => compare(one, other, key)).find((sign) => sign !== 0) ?? 0);
}

async function fill(rows: readonly Row[]): Promise<void> {
  await database.db.query('truncate listed');
  await database.db.query(
    `insert into listed
     select (row->>'id')::bigint, (row->>'level')::smallint,
       timestamptz '1970-01-01 00:00Z' + (row->>'at')::bigint * interval '1 microsecond', (row->>'shown')::boolean
     from jsonb_array_elements($1::jsonb) row`,
    [JSON.stringify(rows)],
  );
}

/** All pages of a list, one after the other. */
async function pagesOf(list: WalkedList, page: { readonly limit: number; readonly look: number }): Promise<number[]> {
  const ids: number[] = [];
  for (let after: string | null | undefined; after !== null;) {
    const { rows, next }: { readonly rows: readonly { id: number }[]; readonly next: string | null } = await readWalk(
      database.db,
      list,
      { ...page, ...(after !== undefined && { after }) },
    );
    expect(rows.length).toBeLessThanOrEqual(page.limit);
    ids.push(...rows.map(({ id }) => id));
    after = next;
  }
  return ids;
}

const direction = fc.constantFrom({}, { direction: 'desc' as const });
const nulls = fc.constantFrom('first' as const, 'last' as const);
const nullable = (column: 'at' | 'level'): fc.Arbitrary<Key> =>
  fc.tuple(direction, nulls).map(([way, where]) => ({ column, ...way, nulls: where }));
const keys: fc.Arbitrary<Key[]> = fc
  .tuple(fc.subarray([nullable('level'), nullable('at')]), direction)
  .chain(([before, way]) =>
    fc.tuple(...before, fc.constant<Key>({ column: 'id', ...way })).map((all) => [...all] as Key[]),
  );
// Few values, so that many rows differ in their id alone.
const rows = fc
  .array(
    fc.record({
      level: fc.constantFrom(null, 0, 1, 32),
      at: fc.constantFrom(null, 1_700_000_000_000_001, 1_700_000_000_000_002),
      shown: fc.boolean(),
    }),
    { maxLength: 25 },
  )
  .map((all) => all.map((row, n): Row => ({ id: n + 1, ...row })));

describe('a list', () => {
  test('has each row once and in order, by pages of any size, whatever is null and whatever is passed over', async () => {
    const page = fc.record({ limit: fc.integer({ min: 1, max: 4 }), look: fc.integer({ min: 1, max: 9 }) });
    await fc.assert(
      fc.asyncProperty(rows, keys, page, async (all, order, size) => {
        await fill(all);
        const expected = inOrder(all, order).filter(({ shown }) => shown);
        expect(await pagesOf(listBy(order), size)).toEqual(expected.map(({ id }) => id));
      }),
      { numRuns: 30 },
    );
  });

  test('continues from each of its rows in both directions', async () => {
    await fc.assert(
      fc.asyncProperty(rows, keys, async (all, order) => {
        const shown = all.map((row) => ({ ...row, shown: true }));
        await fill(shown);
        const ids = inOrder(shown, order).map(({ id }) => id);
        const list = listBy(order);
        const back = { ...list, walk: reversed(list.walk) };
        for (const [n, id] of ids.entries()) {
          const { rows: found } = await database.db.query<{ place: (string | null)[] }>(
            `select array[${list.walk.order.map(({ sql }) => `${sql}::text`).join()}] as place from listed where id = $1`,
            [id],
          );
          const from = { from: found[0]!.place, limit: 1, look: 100 };
          const first = async (each: WalkedList) =>
            (await readWalk<{ id: number }>(database.db, each, from)).rows[0]?.id;
          expect([await first(back), await first(list)]).toEqual([ids[n - 1], ids[n + 1]]);
        }
      }),
      { numRuns: 8 },
    );
  });

  test('has no further page where the last one is just full', async () => {
    await fill([1, 2].map((id) => ({ id, level: null, at: null, shown: true })));
    const page = { limit: 2, look: 100 };
    expect((await readWalk(database.db, listBy([{ column: 'id' }]), page)).next).toBeNull();
  });

  test('is counted as far as is looked: exactly where it ends before', async () => {
    await fill([1, 2, 3, 4].map((id) => ({ id, level: null, at: null, shown: id !== 2 })));
    const list = listBy([{ column: 'id' }]);
    const counts = [];
    for (const look of [2, 4, 5]) counts.push(await countWalk(database.db, list, look));
    expect(counts).toEqual([
      { count: 1, exact: false },
      { count: 3, exact: false },
      { count: 3, exact: true },
    ]);
  });

  test.each(['2026-02-30 10:00:00+00', '2026-01-31 99:00:00+00', '0000-01-01 00:00:00+00', '2026-01-31 00:00:00+99'])(
    'has no place at a moment that there is not: %s',
    async (moment) => {
      const list = listBy([{ column: 'at' }, { column: 'id' }]);
      const after = writePlace([moment, '1'], list.walk.order);
      await expect(readWalk(database.db, list, { limit: 1, look: 1, after })).rejects.toThrow(InvalidPlaceError);
    },
  );

  test('has no place that is not one of its own', async () => {
    const wrong = readWalk(database.db, listBy([{ column: 'id' }]), { limit: 1, look: 1, after: 'nonsense' });
    await expect(wrong).rejects.toThrow(InvalidPlaceError);
  });
});

describe('a place', () => {
  const order: readonly KeyColumn[] = [
    { sql: 'a', type: 'smallint', nulls: 'last' },
    { sql: 'b', type: 'text' },
    { sql: 'c', type: 'timestamptz' },
    { sql: 'd', type: 'uuid' },
    { sql: 'e', type: 'bigint' },
  ];
  const moment = '2026-01-31 12:00:00.123456+00';
  const uuid = '11111111-1111-4111-8111-111111111111';
  const place = ['100', 'é "\\', moment, uuid, '1'];

  test('is read as it was written', () => {
    expect(readPlace(writePlace(place, order), order)).toEqual(place);
    const others = [null, '', '2026-01-31 12:00:00-03:30', uuid, '9223372036854775807'];
    expect(readPlace(writePlace(others, order), order)).toEqual(others);
  });

  test('of an order by ids alone is the id', () => {
    const byId = order.slice(4);
    expect(writePlace(['17'], byId)).toBe('17');
    expect(readPlace('17', byId)).toEqual(['17']);
    const signed: readonly KeyColumn[] = [{ ...byId[0]!, signed: true }];
    expect(readPlace('-17', signed)).toEqual(['-17']);
    for (const text of ['-0', '--1', '-']) expect(readPlace(text, signed)).toBeNull();
    for (const text of ['-1', '1.5', 'x', '', '9'.repeat(19)]) expect(readPlace(text, byId)).toBeNull();
  });

  test.each([
    ['no JSON', 'x'],
    ['no list', Buffer.from('{}').toString('base64url')],
    ['too short', writePlace(place.slice(1), order)],
    ['too long', writePlace([...place, '1'], order)],
    ...(
      [
        [0, '12345'],
        [0, '-1'],
        [1, null],
        [1, 'a\0'],
        [1, 'a'.repeat(1001)],
        [2, '2026-01-31'],
        [2, `${moment}; drop`],
        [2, 'infinity'],
        [3, 'x'],
        [3, uuid.toUpperCase().replace('1', 'A')],
        [4, '9'.repeat(19)],
        [4, '1'.repeat(20)],
        [4, ''],
        [4, null],
      ] as const
    ).map(([n, value]) => [
      `with ${JSON.stringify(value).slice(0, 20)}`,
      writePlace(place.with(n, value as string), order),
    ]),
  ])('is none of this order where it is %s', (_what, text) => {
    expect(readPlace(text, order)).toBeNull();
  });
});
