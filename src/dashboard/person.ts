import type { Config } from '../config/config.ts';

/** What somebody may do: see everything, or also change things. */
export type Role = 'operator' | 'read-only';

/** Who asks for a page. */
export interface Person {
  /** As the operator record names them. */
  readonly name: string;
  readonly role: Role;
}

export function isOperator(person: Person): boolean {
  return person.role === 'operator';
}

/**
 * What an account may do by the lists of the configuration; null where it is on none. Names are compared as they are
 * written. To be asked at each request, so that whoever is taken off a list is out at once.
 */
export function roleOf(account: string, { operators, readers }: Config['dashboard']): Role | null {
  if (operators.includes(account)) return 'operator';
  return readers.includes(account) || readers.includes('*') ? 'read-only' : null;
}

/**
 * The name as it was said, if it can be recorded and shown; null otherwise: what is no name of an account is nobody's.
 * Nothing is trimmed: what differs from a listed name by white space is another account, and one that looks like it.
 */
export function accountName(value: unknown): string | null {
  if (typeof value !== 'string' || value !== value.trim()) return null;
  // Control characters, and a name that would be read as two.
  return value !== '' && value.length <= 200 && !/[\p{Cc}\p{Zl}\p{Zp},]/u.test(value) && value !== '*' ? value : null;
}
