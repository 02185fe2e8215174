import { createHash } from 'node:crypto';
import type { ImageOwner } from '../../domain/documents/image-content.ts';
import { byEntityType, type EntityKey, type EntityType } from '../../domain/entity.ts';
import type { ExpectedState } from '../../domain/expected-state.ts';
import { AskTogether } from '../ask-together.ts';
import type { Database, Queryable } from '../connection.ts';
import type { ReviewState } from '../entities/write-review.ts';
import { type EventsNamingRow, eventsNamingSql, type OpenEvent, toEventsNaming } from '../queue/events-naming.ts';
import { expectedStateSql, type StateRow, toExpectedState } from '../musicbrainz/expected-state.ts';
import { findImageOwners } from '../musicbrainz/image-owners.ts';

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

/** All that a decision about one entity rests on, but for what was seen at the archive. */
export interface DecisionBasis {
  readonly expected: ExpectedState;
  /** The entities that own the images in question; an id that is not in it belongs to nobody. */
  readonly owners: ReadonlyMap<number, ImageOwner>;
  /** The event that names the gid and changed last, as `EventsNaming` has it; null where there is none. */
  readonly newestEvent: string | null;
}

/** The basis as it was read, with what an audit has to know besides. */
interface ReadBasis extends DecisionBasis {
  /** Of these very values: taken after them, it would tell nothing of a change in between. */
  readonly fingerprint: string;
  /** The events queued or running that name the gid, the oldest first: while there are any, nothing is judged. */
  readonly pending: readonly OpenEvent[];
}

/**
 * Reads the basis, in one statement and so of one moment, but for the owners of extra images, which are read after it.
 * Its `fingerprint` is of these very values, so a change while they were read shows at the decision.
 */
export async function readDecisionBasis(q: Queryable, about: BasisQuestion): Promise<ReadBasis> {
  const { entityType, gid } = about.key;
  const { rows } = await q.query<BasisRow>(alone[entityType], [gid]);
  return toBasis(q, about, rows[0]);
}

/**
 * The same by a statement that is shared with whoever asks about the same kind of entities meanwhile: planning it takes
 * several times as long as carrying it out. Not for a transaction, which must read by its own statements.
 */
export async function readDecisionBasisTogether(db: Database, about: BasisQuestion): Promise<ReadBasis> {
  const row = await togetherOf(db)[about.key.entityType].ask(about.key.gid);
  return toBasis(db, about, row);
}

/** Under the entity's row lock what people said stays as it is until the transaction ends. */
export async function readReviewState(q: Queryable, entityId: number): Promise<ReviewState> {
  const { rows } = await q.query<ReviewState>(reviewStateSql('$1'), [entityId]);
  return toReviewState(rows[0]!);
}

/** Basis and review state in one statement, and so of one moment. */
export async function readBasisAndReview(
  q: Queryable,
  about: BasisQuestion,
  entityId: number,
): Promise<ReadBasis & { readonly review: ReviewState }> {
  const { entityType, gid } = about.key;
  const { rows } = await q.query<BasisRow & ReviewState>(withReview[entityType], [gid, entityId]);
  const [row] = rows;
  return { ...(await toBasis(q, about, row)), review: toReviewState(row!) };
}

function toReviewState({ wontFixEvidence, hasOpenReview, mode }: ReviewState): ReviewState {
  return { wontFixEvidence: [...wontFixEvidence].sort(), hasOpenReview, mode };
}

/** @param entityId an SQL expression */
const reviewStateSql = (entityId: string): string => `
  select array(select evidence from artwork_reconciler.wont_fix_evidence where audit_entity_id = ${entityId})
           as "wontFixEvidence",
         exists (select from artwork_reconciler.needs_manual_review
                 where audit_entity_id = ${entityId} and status = 'open') as "hasOpenReview",
         (select mode from artwork_reconciler.pace) as mode`;

export interface BasisQuestion {
  readonly key: EntityKey;
  readonly extraArtworkIds: readonly number[];
}

async function toBasis(q: Queryable, { key, extraArtworkIds }: BasisQuestion, row: BasisRow | undefined) {
  const expected = toExpectedState(key, row);
  const owners = await findImageOwners(q, key.entityType, extraArtworkIds);
  const { newest, open } = toEventsNaming(row);
  const basis = { expected, owners, newestEvent: newest };
  return { ...basis, pending: open, fingerprint: fingerprintOf(basis, extraArtworkIds) };
}

type BasisRow = EventsNamingRow & StateRow;

function basisSql(entityType: EntityType, gid: string): string {
  return `
    select expected.*, events.*
    from (${expectedStateSql(entityType, gid)}) expected cross join (${eventsNamingSql(entityType, gid)}) events`;
}

const alone = byEntityType((entityType) => basisSql(entityType, '$1::uuid'));

const withReview = byEntityType(
  (entityType) => `
    select basis.*, review.*
    from (${basisSql(entityType, '$1::uuid')}) basis cross join (${reviewStateSql('$2::bigint')}) review`,
);

/** Entities in one statement: enough for planning not to matter, few enough for nobody to wait long for the others. */
const mostTogether = 50;

const together = new WeakMap<Database, Readonly<Record<EntityType, AskTogether<string, BasisRow>>>>();

function togetherOf(db: Database): Readonly<Record<EntityType, AskTogether<string, BasisRow>>> {
  const known = together.get(db);
  if (known !== undefined) return known;
  const opened = byEntityType((entityType) => askAbout(db, entityType));
  together.set(db, opened);
  return opened;
}

function askAbout(db: Database, entityType: EntityType): AskTogether<string, BasisRow> {
  // The gids come from a subquery, which the planner does not look into: planned for the length of a list, no plan would be
  // worth keeping for another one, and planning takes longer than reading a dozen.
  const sql = `
    select basis.* from unnest((select $1::uuid[])) with ordinality as asked (gid, place)
    cross join lateral (${basisSql(entityType, 'asked.gid')}) basis
    order by asked.place`;
  return new AskTogether(async (gids) => {
    // Of one alone: a plan that is kept for one serves any, and one of how many it is asked about at once does not.
    const asked =
      gids.length === 1 ? db.query<BasisRow>(alone[entityType], [gids[0]]) : db.query<BasisRow>(sql, [gids]);
    return (await asked).rows;
  }, mostTogether);
}
