import { createHash } from 'node:crypto';
import type { DecisionBasis } from './decision-basis.ts';

/**
 * Changed where what an audit's steps gather takes another form: what the version before has gathered is then stale, and
 * gathered again, where a deployment comes between the steps of one audit. 2: contents of images with sha1 and size.
 */
const evidenceForm = 2;

/**
 * A hash of what a decision rests on. Equal to an earlier one exactly where nothing of it changed in between. An extra
 * image without an owner is part of it as such.
 */
export function fingerprintOf(basis: DecisionBasis, extraArtworkIds: readonly number[]): string {
  const { expected, owners, newestEvent } = basis;
  const canonical = [
    evidenceForm,
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
