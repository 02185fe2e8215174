/** A column of the order in which a list is read. The last one of an order tells its rows apart. */
export interface KeyColumn {
  /** How the statement says it, e.g. `entity.id`. Never from outside. */
  readonly sql: string;
  /** How a statement around it says it, where that is otherwise. */
  readonly outside?: string;
  readonly type: 'bigint' | 'smallint' | 'text' | 'timestamptz' | 'uuid';
  readonly direction?: 'desc';
  /** Where nulls stand; not given where there are none. */
  readonly nulls?: 'first' | 'last';
}

/** Where in an order a page ended: the values of its columns, as texts that PostgreSQL reads again. */
export type Place = readonly (string | null)[];

/** The `order by` of an order. */
export function orderBy(keys: readonly KeyColumn[]): string {
  return keys
    .map(({ sql, direction, nulls }) => `${sql}${direction ? ' desc' : ''}${nulls ? ` nulls ${nulls}` : ''}`)
    .join(', ');
}

/**
 * The conditions of what comes after a place, one for each range of an index, in the order's order. As one condition
 * with `or` the index would be read from its beginning.
 *
 * @param parameter adds a value to the statement and returns its name
 */
export function rangesAfter(
  keys: readonly KeyColumn[],
  place: Place | null,
  parameter: (value: unknown) => string,
): readonly string[] {
  if (place === null) return ['true'];
  const values = keys.map(({ type }, n) => (place[n] == null ? null : `${parameter(place[n])}::${type}`));
  return keys
    .flatMap((key, n) => {
      const same = keys
        .slice(0, n)
        .map(({ sql }, m) => (values[m] === null ? `${sql} is null` : `${sql} = ${values[m]}`));
      return beyond(key, values[n]!).map((condition) => ({ n, condition: [...same, condition].join(' and ') }));
    })
    .sort((left, right) => right.n - left.n)
    .map(({ condition }) => condition);
}

function beyond({ sql, direction, nulls }: KeyColumn, value: string | null): string[] {
  if (value === null) return nulls === 'first' ? [`${sql} is not null`] : [];
  const after = `${sql} ${direction === 'desc' ? '<' : '>'} ${value}`;
  return nulls === 'last' ? [after, `${sql} is null`] : [after];
}

/** A place as a parameter of an address holds it. */
export function writePlace(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** The same read again; null where it is no place of this order: an address that somebody has changed. */
export function readPlace(text: string, keys: readonly KeyColumn[]): Place | null {
  let place: unknown;
  try {
    place = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return null;
  }
  if (!Array.isArray(place) || place.length !== keys.length) return null;
  const fits = keys.every(({ type, nulls }, n) => {
    const value = place[n] as unknown;
    return value === null ? nulls !== undefined : typeof value === 'string' && looksLike[type].test(value);
  });
  return fits ? (place as Place) : null;
}

const looksLike: Readonly<Record<KeyColumn['type'], RegExp>> = {
  bigint: /^\d{1,18}$/,
  smallint: /^\d{1,4}$/,
  text: /^[^\0]{0,1000}$/u,
  timestamptz: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d){0,2}$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
};
