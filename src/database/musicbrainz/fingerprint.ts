import { createHash } from 'node:crypto';
import type { EntityKey } from '../../domain/entity.ts';
import type { ExpectedState } from '../../domain/expected-state.ts';
import type { ImageOwner } from '../../domain/image-copy.ts';
import type { Queryable } from '../connection.ts';
import { newestEventNaming } from '../event-queries/newest-event.ts';
import { readExpectedState } from './expected-state.ts';
import { findImageOwners } from './image-owners.ts';

/** All that a decision about one entity rests on, but for what was seen at the archive. */
export interface DecisionBasis {
  readonly expected: ExpectedState;
  /** The entities that own the images in question; an id that is not in it belongs to nobody. */
  readonly owners: ReadonlyMap<number, ImageOwner>;
  /** The newest indexer event that names the gid, ended ones too; null where there is none. */
  readonly newestEvent: number | null;
}

/** Reads the basis. Its `fingerprint` is of these very values, so a change while they were read shows at the decision. */
export async function readDecisionBasis(
  q: Queryable,
  about: { readonly key: EntityKey; readonly extraArtworkIds: readonly number[] },
): Promise<DecisionBasis & { readonly fingerprint: string }> {
  const { key, extraArtworkIds } = about;
  // The event first: one that is queued after this read is seen as new, whatever the other reads saw of its cause.
  const newestEvent = await newestEventNaming(q, key.entityType, key.gid);
  const expected = await readExpectedState(q, key);
  const owners = await findImageOwners(q, key.entityType, extraArtworkIds);
  const basis = { expected, owners, newestEvent };
  return { ...basis, fingerprint: fingerprintOf(basis, extraArtworkIds) };
}

/**
 * A hash of what the decision rests on now. Equal to an earlier one exactly where nothing of it changed in between.
 *
 * To be taken *before* (or with, see `readDecisionBasis`) what the decision uses is read: taken after it, a change in
 * between would be in the hash and not in what was judged.
 */
export async function readFingerprint(
  q: Queryable,
  about: { readonly key: EntityKey; readonly extraArtworkIds: readonly number[] },
): Promise<string> {
  return (await readDecisionBasis(q, about)).fingerprint;
}

/** The hash of a basis that is already at hand. An extra image without an owner is part of it as such. */
export function fingerprintOf(basis: DecisionBasis, extraArtworkIds: readonly number[]): string {
  const { expected, owners, newestEvent } = basis;
  const canonical = [
    expected.key.entityType,
    expected.key.gid,
    expected.identity,
    expected.mergedInto,
    [...expected.mergedFrom].sort(),
    expected.presence,
    expected.images.map((image) => [
      image.id,
      image.suffix,
      image.approved,
      image.isFront,
      image.isBack,
      image.comment,
      image.edit,
      [...image.types].sort(),
    ]),
    [...new Set(extraArtworkIds)]
      .sort((one, other) => one - other)
      .map((id) => {
        const owner = owners.get(id);
        return [id, owner?.gid ?? null, owner?.suffix ?? null, owner?.presence ?? null];
      }),
    newestEvent,
  ];
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}
