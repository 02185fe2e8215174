import { entitiesAreNamed, parseNamed, type NamedEntity } from '../domain/named-entity.ts';
import { UsageError } from './errors.ts';

/**
 * Reads what an argument names.
 *
 * @throws {UsageError} where there is no MBID in it.
 */
export function readNamed(text: string): NamedEntity {
  const named = parseNamed(text);
  if (named === null) throw new UsageError(`${JSON.stringify(text)} is no MBID: expected ${entitiesAreNamed}`);
  return named;
}
