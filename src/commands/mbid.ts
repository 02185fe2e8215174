import type { Queryable } from '../database/connection.ts';
import { readExpectedState } from '../database/musicbrainz/expected-state.ts';
import { entityTypes, isMbid, type EntityKey, type EntityType } from '../domain/entity.ts';
import { UsageError } from './errors.ts';

/** What an operator pasted: an MBID, and the kind of entity where the address told. */
export interface NamedEntity {
  readonly gid: string;
  readonly entityType: EntityType | null;
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/**
 * Reads an MBID, an item's identifier (`mbid-…`), or an address of MusicBrainz, the archive or one of the art archives.
 *
 * @throws {UsageError} where there is no MBID in it.
 */
export function parseNamed(text: string): NamedEntity {
  const trimmed = text.trim();
  const gid = uuid.exec(trimmed)?.[0].toLowerCase();
  const isPlain = isMbid(trimmed.toLowerCase()) || isMbid(trimmed.toLowerCase().replace(/^mbid-/, ''));
  const isAddress = /^https?:\/\/[^/]+\//i.test(trimmed);
  if (gid === undefined || !(isPlain || isAddress)) {
    throw new UsageError(
      `${JSON.stringify(text)} is no MBID: expected e.g. 76df3287-6cda-33eb-8e9a-044b5e15ffdd, or an address with one`,
    );
  }
  const inAddress = entityTypes.find((entityType) => trimmed.includes(`/${entityType}/${gid}`));
  return { gid, entityType: inAddress ?? null };
}

/** What `--mbid` and `--entity-type` say together. @throws {UsageError} where they contradict each other */
export function readNamed(options: { readonly mbid?: string; readonly entityType?: EntityType }): {
  readonly gid: string | undefined;
  readonly entityType: EntityType | undefined;
} {
  const named = options.mbid === undefined ? null : parseNamed(options.mbid);
  const { entityType } = options;
  if (named?.entityType && entityType && named.entityType !== entityType) {
    throw new UsageError(`--mbid names a ${named.entityType} and --entity-type says ${entityType}: give one of them`);
  }
  return { gid: named?.gid, entityType: entityType ?? named?.entityType ?? undefined };
}

/**
 * Which kind of entity an MBID is, where that was not told: what MusicBrainz knows it as, or, of a gid that MusicBrainz
 * does not know at all, a release (almost all items are of releases).
 */
export async function resolveNamed(db: Queryable, { gid, entityType }: NamedEntity): Promise<EntityKey> {
  if (entityType !== null) return { entityType, gid };
  for (const candidate of entityTypes) {
    const { identity } = await readExpectedState(db, { entityType: candidate, gid });
    if (identity !== 'unknown') return { entityType: candidate, gid };
  }
  return { entityType: 'release', gid };
}
