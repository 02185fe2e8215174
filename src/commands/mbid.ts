import { type EntityType, entityTypes } from '../domain/entity.ts';
import { entitiesAreNamed, type NamedEntity, parseNamed } from '../domain/named-entity.ts';
import { UsageError } from './errors.ts';

/**
 * Reads what an argument names.
 *
 * @throws {UsageError} where that is neither a release nor an event.
 */
export function readNamed(text: string): NamedEntity {
  const named = parseNamed(text);
  if (named.kind === 'named') return named;
  const given = named.kind === 'other' ? `is the address of ${named.what}` : 'is no MBID';
  throw new UsageError(`${JSON.stringify(text)} ${given}: expected ${entitiesAreNamed}`);
}

/** Arguments as they were meant: `release 463f…`, which our output calls an entity by, reaches us as two of them. */
export function joinPrinted(texts: readonly string[]): string[] {
  const isKind = (text: string | undefined): boolean => entityTypes.some((entityType) => entityType === text);
  return texts.flatMap((text, n) => {
    if (isKind(text) && n + 1 < texts.length) return [];
    return isKind(texts[n - 1]) ? [`${texts[n - 1]} ${text}`] : [text];
  });
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
