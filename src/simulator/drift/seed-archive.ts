import type { Queryable } from '../../database/connection.ts';
import { type EntityType, entityTypes } from '../../domain/entity.ts';
import type { ArchiveState } from '../archive/archive-state.ts';
import type { SeededMusicbrainz } from '../musicbrainz/seed.ts';
import { createRandom } from '../random.ts';
import { allDays, drawDay, type DriftCase, type DriftKind } from './drift-kind.ts';
import { driftKind } from './drift-kinds.ts';
import { pythonSince } from './index-of-day.ts';
import { itemSeedOf } from './item-plan.ts';
import { planLiveItems } from './live-plans.ts';
import { createScene } from './scene.ts';

/** What takes items: the simulator's `archive`. */
type Archive = Pick<ArchiveState, 'seedItem'>;

/** Items that are planned at once. */
const batchSize = 500;

export interface ArchiveSeed {
  readonly seed: number;
  /** Entities whose items are put in step: what `seedMusicbrainz` gave. */
  readonly musicbrainz?: SeededMusicbrainz;
  /**
   * When those items were uploaded. `any` day, where not given, as in the real archive: then what the Perl indexer wrote is
   * mended. `today`: in the forms of today, so that nothing but their metadata is read.
   */
  readonly uploaded?: 'any' | 'today';
  /** Kinds of drift by name, and how often each is made, for releases and events in turn. */
  readonly drift?: Readonly<Record<string, number>>;
}

/**
 * Puts the archive in step with what was seeded at MusicBrainz, and adds further entities that have drifted. Returns
 * every entity with what should become of it.
 *
 * @throws {RangeError} where there is no kind of drift of a name.
 */
export async function seedArchive(db: Queryable, archive: Archive, options: ArchiveSeed): Promise<DriftCase[]> {
  const cases = options.musicbrainz ? await seedInStep(db, archive, options.musicbrainz, options) : [];
  for (const [name, count] of Object.entries(options.drift ?? {})) {
    const { entityTypes } = driftKind(name);
    for (let made = 0; made < count; made += 1) {
      const entityType = entityTypes[made % entityTypes.length] ?? 'release';
      cases.push(...(await addDrift(db, archive, name, { entityType, seed: `${options.seed}/${made}` })));
    }
  }
  return cases;
}

/**
 * Adds entities of one kind of drift, at MusicBrainz and at the archive. The same seed gives the same ones.
 *
 * @throws {RangeError} where there is no such kind, or it is not one of this entity type.
 */
export async function addDrift(
  db: Queryable,
  archive: Archive,
  name: string,
  { entityType, seed }: { readonly entityType: EntityType; readonly seed: number | string },
): Promise<DriftCase[]> {
  const kind = driftKind(name);
  if (!kind.entityTypes.includes(entityType)) {
    throw new RangeError(`${name} is a drift of ${kind.entityTypes.join(' and ')}s, not of ${entityType}s`);
  }
  const random = createRandom(`${name}/${entityType}/${seed}`);
  return casesOf(kind, await kind.make(createScene(db, archive, entityType, random)));
}

function casesOf(kind: DriftKind, keys: Awaited<ReturnType<DriftKind['make']>>): DriftCase[] {
  if (keys.length !== kind.outcomes.length) {
    throw new Error(`${kind.name} made ${keys.length} entities: it says ${kind.outcomes.length}`);
  }
  return kind.outcomes.flatMap((outcome, at) => {
    const key = keys[at];
    return key === undefined ? [] : [{ entityType: key.entityType, gid: key.gid, kind: kind.name, outcome }];
  });
}

/** Entities that merges or deletions emptied have no item, nor have those that never had art. */
async function seedInStep(
  db: Queryable,
  archive: Archive,
  seeded: SeededMusicbrainz,
  { seed, uploaded = 'any' }: ArchiveSeed,
): Promise<DriftCase[]> {
  const random = createRandom(seed).fork('days');
  const mended = new Set<string>();
  for (const entityType of entityTypes) {
    const withArt = seeded.live.filter((entity) => entity.entityType === entityType && entity.images.length > 0);
    for (let from = 0; from < withArt.length; from += batchSize) {
      const gids = withArt.slice(from, from + batchSize).map(({ gid }) => gid);
      const days = new Map(uploaded === 'any' ? gids.map((gid) => [gid, drawDay(random, allDays(entityType))]) : []);
      for (const plan of await planLiveItems(db, entityType, gids, (gid) => days.get(gid))) {
        archive.seedItem(itemSeedOf(plan));
        if (!plan.dark && plan.day !== undefined && plan.day < pythonSince) mended.add(plan.key.gid);
      }
    }
  }
  return [
    ...seeded.live.map(({ entityType, gid }) => ({
      entityType,
      gid,
      kind: 'in_step',
      outcome: mended.has(gid) ? ('repaired' as const) : ('clean' as const),
    })),
    ...[...seeded.merged, ...seeded.deleted].map(({ entityType, gid }) => ({
      entityType,
      gid,
      kind: 'orphan_without_item',
      outcome: 'legacy' as const,
    })),
  ];
}
