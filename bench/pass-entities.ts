import type { DriftCase, DriftKind } from '../src/simulator/drift/drift-kind.ts';
import { addDrift, driftKinds, seedArchive } from '../src/simulator/drift/seed-demo.ts';
import { inStep, inStepKinds, oldFiles } from '../src/simulator/drift/in-step.ts';
import { seedMusicbrainz } from '../src/simulator/musicbrainz/seed.ts';
import type { BenchDeployment } from './deployment.ts';

/**
 * Shares of the audit of 2021, of its 1.4 million items, where its rows give them (shared by its author in IMG-129): 63 % had a
 * problem; 4,050 were of deleted releases, of which 3,981 had their images still and the rest index.json and XML; 43,966 of
 * releases without art, of which 5,232 had no index.json, and of the others 32,102 of 38,734 one with a wrong address.
 */
const items = 1_400_000;
const withoutArt = 43_966;
const withoutIndex = 5_232;
const wrongAddress = 32_102;
const known: Readonly<Record<string, number>> = {
  deleted_images_left: 3_981 / items,
  deleted_index_and_xml_left: (4_050 - 3_981) / items,
  image_left_after_deletion: 40 / items,
  all_images_deleted_without_index: withoutIndex / items,
  // That address is `http:` in most of them; of what has no image this is the nearest kind of drift.
  index_url_wrong: wrongAddress / items,
  all_images_deleted: (withoutArt - withoutIndex - wrongAddress) / items,
};
const withProblem = 0.63;

/** Of each other kind of drift, and of what only looks like one: the audit's lists name them and don't count them. */
const each = 1 / 1_000;

/** One in this many of a kind that releases and events can have is an event's: the Event Art Archive is the smaller one. */
const oneEventOf = 10;

/** How many entities of each kind there are among so many, in the order of the kinds. */
function counts(entities: number): readonly (readonly [DriftKind, number])[] {
  const apart = new Set([inStep, ...oldFiles]);
  const unknown = Object.keys(known).filter((name) => !driftKinds.some((kind) => kind.name === name));
  if (unknown.length > 0) throw new Error(`there is no kind of drift ${unknown.join(', ')}: its share would be lost`);
  let owed = 0;
  return driftKinds
    .filter((kind) => !apart.has(kind))
    .map((kind) => {
      const share = known[kind.name] ?? each * kind.outcomes.length;
      // What a kind lacks to a whole one is the next one's, so that few entities have the same shares as many.
      owed += share * entities;
      const made = Math.max(0, Math.round(owed / kind.outcomes.length));
      owed -= made * kind.outcomes.length;
      return [kind, made] as const;
    });
}

/**
 * Fills MusicBrainz and the archive as they were: of the entities that no kind of drift takes, files of any year since 2012, in
 * the forms of their day, until the share that had a problem is reached; the rest is in step.
 */
export async function seedAudited({ db, simulator }: BenchDeployment, entities: number): Promise<readonly DriftCase[]> {
  const cases: DriftCase[] = [];
  for (const [kind, made] of counts(entities)) {
    for (let number = 0; number < made; number += 1) {
      const isEvents = number % oneEventOf === oneEventOf - 1 || !kind.entityTypes.includes('release');
      const entityType = isEvents && kind.entityTypes.includes('event') ? 'event' : 'release';
      cases.push(...(await addDrift(db, simulator.archive, kind.name, { entityType, seed: number })));
    }
  }
  const looking = new Set(inStepKinds.map(({ name }) => name));
  const drifted = cases.filter(({ kind, outcome }) => outcome !== 'clean' && !looking.has(kind)).length;
  const left = Math.max(0, entities - cases.length);
  const old = Math.min(left, Math.max(0, Math.round(entities * withProblem) - drifted));
  // Every year has its share, and those since the Python indexer have today's forms: some more of any age for these.
  const ofAnyAge = Math.min(left, Math.round(old / shareOfPerl));
  for (const [seed, releases, uploaded] of [
    [1, ofAnyAge, 'any'],
    [2, left - ofAnyAge, 'today'],
  ] as const) {
    const live = { releases, events: 0, merged: 0, deleted: 0, withoutArt: 0, darkened: 0 };
    const musicbrainz = await seedMusicbrainz(db, { seed, ...live });
    cases.push(...(await seedArchive(db, simulator.archive, { seed, musicbrainz, uploaded })));
  }
  return cases;
}

/** Of 2012 to 2025, by years: until May 2024 the Perl indexer wrote. */
const shareOfPerl = 12.37 / 14;
