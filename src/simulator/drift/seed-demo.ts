import type { Queryable } from '../../database/connection.ts';
import type { ArchiveState } from '../archive/archive-state.ts';
import { createRandom, type Random } from '../random.ts';
import type { DriftCase, DriftKind } from './drift-kind.ts';
import { driftKinds } from './drift-kinds.ts';
import { filesOf2024, inStep, inStepKinds, oldFiles } from './in-step.ts';
import { addDrift } from './seed-archive.ts';

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

/** Every second one that is in step, or that only the old form of its index.json is to be mended of, is nothing else. */
function kindsFor(outcome: string, random: Random): DriftKind[] {
  if (outcome === 'clean') return random.shuffle(inStepKinds).flatMap((kind) => [filesOf2024, kind]);
  const kinds = random.shuffle(driftKinds.filter((kind) => kind.outcomes[0] === outcome && !oldFiles.includes(kind)));
  if (outcome !== 'repaired') return kinds;
  const old = random.shuffle(oldFiles);
  return kinds.flatMap((kind, position) => [old[position % old.length] ?? inStep, kind]);
}

function* endlessly<Item>(items: readonly Item[]): Generator<Item> {
  for (;;) yield* items;
}
