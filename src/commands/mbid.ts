import type { EntityType } from '../domain/entity.ts';
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

/** What `--mbid` and `--entity-type` say together. @throws {UsageError} where they contradict each other */
export function readNamedOptions(options: { readonly mbid?: string; readonly entityType?: EntityType }): {
  readonly gid: string | undefined;
  readonly entityType: EntityType | undefined;
} {
  const named = options.mbid === undefined ? null : readNamed(options.mbid);
  const { entityType } = options;
  if (named?.entityType && entityType && named.entityType !== entityType) {
    throw new UsageError(`--mbid names a ${named.entityType} and --entity-type says ${entityType}: give one of them`);
  }
  return { gid: named?.gid, entityType: entityType ?? named?.entityType ?? undefined };
}
