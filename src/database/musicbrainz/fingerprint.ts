import { createHash } from 'node:crypto';
import type { EntityKey, EntityType } from '../../domain/entity.ts';
import type { ExpectedState } from '../../domain/expected-state.ts';
import type { ImageOwner } from '../../domain/image-copy.ts';
import type { Queryable } from '../connection.ts';
import { newestEventSql } from '../event-queries/newest-event.ts';
import { openEventsSql, type OpenEvent } from '../event-queries/open-events.ts';
import { expectedStateSql, toExpectedState, type StateRow } from './expected-state.ts';
import { findImageOwners } from './image-owners.ts';

/** All that a decision about one entity rests on, but for what was seen at the archive. */
export interface DecisionBasis {
  readonly expected: ExpectedState;
  /** The entities that own the images in question; an id that is not in it belongs to nobody. */
  readonly owners: ReadonlyMap<number, ImageOwner>;
  /** The newest indexer event that names the gid, ended ones too; null where there is none. */
  readonly newestEvent: number | null;
}

/** The basis as it was read, with what an audit has to know besides. */
export interface ReadBasis extends DecisionBasis {
  readonly fingerprint: string;
  /** The events queued or running that name the gid, the oldest first: while there are any, nothing is judged. */
  readonly pending: readonly OpenEvent[];
}

/**
 * Reads the basis, in one statement and so of one moment, but for the owners of extra images, which are read after it.
 * Its `fingerprint` is of these very values, so a change while they were read shows at the decision.
 */
export async function readDecisionBasis(
  q: Queryable,
  about: { readonly key: EntityKey; readonly extraArtworkIds: readonly number[] },
): Promise<ReadBasis> {
  const { key, extraArtworkIds } = about;
  const { rows } = await q.query<BasisRow>(statements[key.entityType], [key.gid, key.entityType]);
  const expected = toExpectedState(key, rows[0]);
  const owners = await findImageOwners(q, key.entityType, extraArtworkIds);
  const newestEvent = rows[0]?.newest_event ?? null;
  const basis = { expected, owners, newestEvent };
  return { ...basis, pending: rows[0]?.pending ?? [], fingerprint: fingerprintOf(basis, extraArtworkIds) };
}

interface BasisRow extends StateRow {
  readonly newest_event: number | null;
  readonly pending: readonly OpenEvent[];
}

const statements: Readonly<Record<EntityType, string>> = { release: statement('release'), event: statement('event') };

function statement(entityType: EntityType): string {
  const named = ['$2::text::artwork_indexer.indexable_entity_type', '$1::uuid'] as const;
  return `
    select expected.*,
      (${newestEventSql(...named)}) as newest_event,
      (select coalesce(json_agg(named), '[]'::json) from (${openEventsSql(...named)}) named) as pending
    from (${expectedStateSql[entityType]}) expected`;
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
