/** The largest id that PostgreSQL has, a bigint. */
const largest = 2n ** 63n - 1n;

/**
 * Reads the id of a row, as people and addresses write it.
 *
 * @returns as `exactInteger` does; null where no row can have it
 */
export function parseRowId(text: string): number | null {
  return /^\d{1,19}$/.test(text) && BigInt(text) <= largest ? exactInteger(text) : null;
}

/**
 * Reads one of PostgreSQL's bigints. Ids, our own and MusicBrainz', exceed 32 bits but not JavaScript's 53. One that does
 * (somebody gave a row its id by hand) comes as its text, whatever its type says: exact, equal to itself and to no other
 * one, and taken by PostgreSQL like a number. Were it refused, no row could be read beside it.
 */
export function exactInteger(text: string): number {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : (text as unknown as number);
}

/** Which of two ids comes first, as for `sort`. */
export function compareIds(one: number, other: number): number {
  return isNumber(one) && isNumber(other) ? one - other : Number(BigInt(one) - BigInt(other));
}

const isNumber = (id: unknown): boolean => typeof id === 'number';
