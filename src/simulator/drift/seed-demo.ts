import type { Queryable } from '../../database/connection.ts';
import { type EntityType, entityTypes } from '../../domain/entity.ts';
import type { ArchiveState } from '../archive/archive-state.ts';
import type { SeededMusicbrainz } from '../musicbrainz/seed.ts';
import { createRandom, type Random } from '../random.ts';
import { allDays, createScene, drawDay, type DriftCase, type DriftKind } from './drift-kind.ts';
import { filesOf2024, inStep, inStepKinds, oldFiles } from './in-step.ts';
import { indexDrift } from './index-drift.ts';
import { pythonSince } from './index-of-day.ts';
import { darkDrift, imageDrift, metadataDrift } from './item-drift.ts';
import { itemSeedOf, planLiveItems } from './item-plan.ts';
import { mergeDrift } from './merge-drift.ts';
import { orphanDrift } from './orphan-drift.ts';
import { xmlDrift } from './xml-drift.ts';

/** All kinds of drift, and those that only look like it. */
export const driftKinds: readonly DriftKind[] = [
  inStep,
  ...inStepKinds,
  filesOf2024,
  ...oldFiles,
  ...indexDrift,
  ...xmlDrift,
  ...metadataDrift,
  ...imageDrift,
  ...mergeDrift,
  ...darkDrift,
  ...orphanDrift,
];

/** @throws {RangeError} naming it, where there is no such kind. */
function driftKind(name: string): DriftKind {
  const kind = driftKinds.find((candidate) => candidate.name === name);
  if (kind === undefined) throw new RangeError(`there is no kind of drift called ${JSON.stringify(name)}`);
  return kind;
}

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
  /** Kinds of drift by name, and how many of each are made, for releases and events in turn. */
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

/** The shares of the demo's entities, by what becomes of the first one of a kind. What is left over is in step. */
const shares = { clean: 0.4, repaired: 0.3, manual_review: 0.13, legacy: 0.17 } as const;

/**
 * Fills MusicBrainz and the archive with entities for the demo: of 60, more than 20 in step, more than 10 that events
 * mend, more than 3 for a person and more than 2 orphans. All of them have to be fed to the audit, as no row of
 * MusicBrainz' entity tables leads to the orphans. The same seed gives the same entities.
 */
export async function seedDemo(
  db: Queryable,
  archive: Pick<ArchiveState, 'seedItem'>,
  { seed, entities }: { readonly seed: number; readonly entities: number },
): Promise<DriftCase[]> {
  const cases: DriftCase[] = [];
  for (const [position, kind] of demoKinds(createRandom(seed).fork('demo kinds'), entities).entries()) {
    const entityType = kind.entityTypes[position % kind.entityTypes.length] ?? 'release';
    cases.push(...(await addDrift(db, archive, kind.name, { entityType, seed: `${seed}/${position}` })));
  }
  return cases;
}

/** Kinds of drift that make this many entities in all. */
export function demoKinds(random: Random, entities: number): DriftKind[] {
  const chosen: DriftKind[] = [];
  let left = entities;
  for (const [outcome, share] of Object.entries(shares)) {
    let quota = Math.floor(entities * share);
    for (const kind of endlessly(kindsFor(outcome, random))) {
      const size = kind.outcomes.length;
      if (quota <= 0) break;
      if (size > left) break;
      chosen.push(kind);
      quota -= size;
      left -= size;
    }
  }
  return random.shuffle([...chosen, ...Array.from({ length: left }, () => inStep)]);
}

/**
 * Every second one that is in step, or that only the old form of its index.json is to be mended of, is nothing else; every
 * second one for a person is about images.
 */
function kindsFor(outcome: string, random: Random): DriftKind[] {
  if (outcome === 'clean') return random.shuffle(inStepKinds).flatMap((kind) => [filesOf2024, kind]);
  const kinds = random.shuffle(driftKinds.filter((kind) => kind.outcomes[0] === outcome && !oldFiles.includes(kind)));
  if (outcome === 'manual_review') {
    const images = kinds.filter((kind) => imageDrift.includes(kind));
    const others = kinds.filter((kind) => !imageDrift.includes(kind));
    return others.flatMap((kind, position) => [images[position % images.length] ?? inStep, kind]);
  }
  if (outcome !== 'repaired') return kinds;
  const old = random.shuffle(oldFiles);
  return kinds.flatMap((kind, position) => [old[position % old.length] ?? inStep, kind]);
}

function* endlessly<Item>(items: readonly Item[]): Generator<Item> {
  for (;;) yield* items;
}
