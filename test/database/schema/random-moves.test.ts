import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entityTypes } from '../../../src/domain/entity.ts';
import { addImage } from '../../../src/simulator/musicbrainz/builders.ts';
import { deleteEntity, deleteImage, mergeEntity, moveImage } from '../../../src/simulator/musicbrainz/changes.ts';
import type { StoredEntity } from '../../../src/simulator/musicbrainz/specs.ts';
import { createRandom } from '../../../src/simulator/random.ts';
import { ArchiveModel, type Taker } from './archive-model.ts';
import { musicbrainzWithTriggers } from './musicbrainz-with-triggers.ts';

const musicbrainz = musicbrainzWithTriggers();
// Few of each, so that one image goes to and fro.
const letters = ['A', 'B', 'C'] as const;

/** What people do, and what happens meanwhile; numbers choose among what there is at that moment. */
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('move' as const), image: fc.nat(3), to: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), image: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('add' as const), to: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('merge' as const), from: fc.nat(2), to: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete entity' as const), from: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('work' as const), times: fc.integer({ min: 1, max: 4 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

let nextImage = 10_000;

test.each([
  { taker: 'ours' as const, runs: 25 },
  { taker: 'parents only' as const, runs: 50 },
])(
  'whatever people move, merge and delete, the archive ends as MusicBrainz says, and nothing is lost ($taker)',
  { timeout: 240_000 },
  async ({ taker, runs }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...entityTypes),
        fc.array(step, { minLength: 4, maxLength: 24 }),
        fc.nat(),
        async (entityType, steps, seed) => {
          await musicbrainz.db.query('delete from artwork_indexer.event_queue');
          const made = await musicbrainz.make(entityType, {
            A: [(nextImage += 1)],
            B: [(nextImage += 1)],
            C: [],
          });
          const archive = new ArchiveModel(musicbrainz.db, createRandom(`work ${seed}`), entityType);
          const state = {
            entityType,
            archive,
            taker,
            live: letters.map((letter) => made[letter]!),
            images: [] as number[],
          };
          const all = state.live;
          for (const { gid, images } of all) {
            if (images.length > 0) await archive.putIndex(gid);
            for (const { id } of images) {
              archive.put(gid, id);
              state.images.push(id);
            }
          }
          for (const each of steps) {
            await carryOut(each, state);
            for (const id of state.images) expect(archive.holders(id), `holders of ${id}`).not.toEqual([]);
          }
          await drain(state);
          await expectAsListed(state, all);
        },
      ),
      { numRuns: runs },
    );
  },
);

interface State {
  readonly entityType: (typeof entityTypes)[number];
  readonly archive: ArchiveModel;
  readonly taker: Taker;
  /** Entities that MusicBrainz has. */
  live: readonly StoredEntity[];
  /** Images that MusicBrainz has. */
  images: number[];
}

async function carryOut(each: Step, state: State): Promise<void> {
  const { db } = musicbrainz;
  const { entityType, archive, live, images } = state;
  const entityAt = (number: number): StoredEntity | undefined => live[number % live.length];
  const imageAt = (number: number): number | undefined => images[number % images.length];
  const refresh = async (): Promise<void> => {
    state.images = (await Promise.all(state.live.map(({ gid }) => archive.listed(gid)))).flat();
  };
  if (each.kind === 'work') {
    for (let time = 0; time < each.times; time += 1) await archive.takeOne(state.taker, { mayFail: true });
  } else if (each.kind === 'move') {
    const [image, to] = [imageAt(each.image), entityAt(each.to)];
    if (image !== undefined && to !== undefined) await moveImage(db, entityType, image, to.gid);
  } else if (each.kind === 'delete') {
    const image = imageAt(each.image);
    if (image !== undefined) await deleteImage(db, entityType, image);
    await refresh();
  } else if (each.kind === 'add') {
    const to = entityAt(each.to);
    if (to === undefined) return;
    // MusicBrainz lists an image once it is uploaded.
    archive.put(to.gid, (nextImage += 1));
    await addImage(db, to, { id: nextImage });
    await refresh();
  } else {
    const from = entityAt(each.from);
    const to = each.kind === 'merge' ? entityAt(each.to) : undefined;
    if (from === undefined || from === to) return;
    await (to === undefined ? deleteEntity(db, from) : mergeEntity(db, from, to));
    state.live = live.filter((entity) => entity !== from);
    await refresh();
  }
}

async function drain({ archive, taker }: State): Promise<void> {
  const done: string[] = [];
  for (;;) {
    const what = await archive.takeOne(taker, { mayFail: false });
    if (what === null) break;
    done.push(what);
    if (done.length > 1000) throw new Error(`the queue does not empty:\n${done.slice(-20).join('\n')}`);
  }
  const { rows } = await musicbrainz.db.query(`select from artwork_indexer.event_queue where state <> 'completed'`);
  expect(rows, (await musicbrainz.queue()).join('\n')).toHaveLength(0);
}

async function expectAsListed({ archive }: State, all: readonly StoredEntity[]): Promise<void> {
  const expected: string[] = [];
  for (const { gid } of all) {
    const listed = await archive.listed(gid);
    expected.push(...listed.map((id) => `${gid}/${id}`));
    expect(archive.index(gid) ?? [], `index of ${gid}`).toEqual(listed);
  }
  expect(archive.files()).toEqual(expected.sort());
}
