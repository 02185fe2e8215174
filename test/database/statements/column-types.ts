import ts from 'typescript';
import type { Queryable } from '../../../src/database/connection.ts';

/** What the driver makes of a column: by a value of its type that is read as all others are. */
type Read = 'Buffer' | 'Date' | 'boolean' | 'json' | 'number' | 'string' | { readonly each: Read };

export interface ColumnType {
  /** As SQL names it. */
  readonly name: string;
  readonly read: Read;
  /** Of an enumeration. */
  readonly labels: readonly string[] | null;
}

const examples: Readonly<Record<string, string>> = {
  bool: 'true',
  bytea: '\\x00',
  json: '{}',
  jsonb: '{}',
  timestamptz: '2020-01-01 00:00Z',
  date: '2020-01-01',
  uuid: '00000000-0000-0000-0000-000000000000',
  interval: '1 second',
  text: 'a',
  varchar: 'a',
  name: 'a',
};

/** @param oid of a type, as a result's description has it */
export async function readColumnType(q: Queryable, oid: number): Promise<ColumnType> {
  const { rows } = await q.query<{ name: string; base: string; labels: string[] | null; of: number | null }>(
    `select format_type(type.oid, null) as name, type.typname::text as base,
       case when type.typcategory = 'A' then type.typelem::bigint end as of,
       (select array_agg(label.enumlabel::text order by label.enumsortorder)
        from pg_enum label where label.enumtypid = type.oid) as labels
     from pg_type type where type.oid = $1`,
    [oid],
  );
  const { name, base, labels, of } = rows[0]!;
  const element = of === null ? null : await readColumnType(q, of);
  const example = labels?.[0] ?? examples[base] ?? '1';
  const text = element === null ? example : `{${element.labels?.[0] ?? examples[element.name] ?? '1'}}`;
  const { rows: values } = await q.query<{ value: unknown }>(`select $1::text::${name} as value`, [text]);
  return { name, labels, read: readAs(values[0]!.value) };
}

function readAs(value: unknown): Read {
  if (value instanceof Date) return 'Date';
  if (Buffer.isBuffer(value)) return 'Buffer';
  if (Array.isArray(value)) return { each: readAs(value[0]) };
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') {
    return typeof value as 'boolean' | 'number' | 'string';
  }
  return 'json';
}

/** Whether a column can be what a type says of it; null aside, of which a description tells nothing. */
export function fits(checker: ts.TypeChecker, type: ts.Type, column: ColumnType): boolean {
  const members = type.isUnion() ? type.types : [type];
  return members.every((member) => member.flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined) || is(member));

  function is(member: ts.Type): boolean {
    if (member.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return true;
    const { read } = column;
    if (typeof read === 'object') {
      const [element] = checker.isArrayType(member) ? checker.getTypeArguments(member as ts.TypeReference) : [];
      return element !== undefined && fits(checker, element, { name: column.name, labels: null, read: read.each });
    }
    if (read === 'json') return !['Date', 'Buffer'].includes(member.symbol?.name ?? '');
    if (read === 'Date' || read === 'Buffer') return member.symbol?.name === read;
    if (read === 'boolean') return (member.flags & ts.TypeFlags.BooleanLike) !== 0;
    if (read === 'number') return (member.flags & ts.TypeFlags.NumberLike) !== 0;
    if (!(member.flags & ts.TypeFlags.StringLike)) return false;
    return column.labels === null || !member.isStringLiteral() || column.labels.includes(member.value);
  }
}
