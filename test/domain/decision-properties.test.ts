import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkItem } from '../../src/domain/checks/catalogue.ts';
import { groupFindings } from '../../src/domain/checks/findings.ts';
import { defaultPolicies } from '../../src/domain/checks/policies.ts';
import { decide, type Decision, type Repair } from '../../src/domain/decision/decision.ts';
import { originalFileName } from '../../src/domain/documents/file-names.ts';
import {
  compareContents,
  type ImageCopy,
  type ImageOwner,
  unknownContent,
} from '../../src/domain/documents/image-content.ts';
import { findOriginal, imagesInQuestion } from '../../src/domain/documents/item-files.ts';
import type { ExpectedState } from '../../src/domain/expected-state.ts';
import type { ObservedFile, ObservedItem } from '../../src/domain/documents/observed-item.ts';
import { aFile, anImage, gids, liveRelease, md5Of, orphan, presentItem } from './examples.ts';

/** The items of a small archive: for each gid its originals with their contents, or a state without files. */
type Archive = Map<string, Held>;
type Held = Map<string, string> | 'dark' | 'missing' | 'unreadable';

interface World {
  readonly live: boolean;
  /** Who owns each artwork id; an id that is not in it belongs to nobody. */
  readonly owners: ReadonlyMap<number, string>;
  readonly archive: Archive;
  readonly otherFindings: readonly string[];
}

const artworkIds = [1, 2, 3, 4];
const { entity, owner, merged, otherMerged } = gids;

const original = fc.record({
  artworkId: fc.constantFrom(...artworkIds),
  suffix: fc.constantFrom('jpg', 'jpg', 'jpg', 'png'),
  // Mostly the content that the image has everywhere, sometimes another, none, or one of which nothing is listed.
  content: fc.constantFrom('same', 'same', 'same', 'same', 'other', 'empty', 'unknown'),
});

const item = (gid: string) =>
  fc
    .oneof(
      { weight: 6, arbitrary: fc.array(original, { maxLength: 4 }) },
      { weight: 1, arbitrary: fc.constantFrom('dark' as const, 'missing' as const, 'unreadable' as const) },
    )
    .map((held): [string, Held] => {
      if (typeof held === 'string') return [gid, held];
      const files = held.map(
        ({ artworkId, suffix, content }) =>
          [originalFileName(gid, artworkId, suffix), `${artworkId} ${content}`] as const,
      );
      return [gid, new Map(files)];
    });

const world: fc.Arbitrary<World> = fc.record({
  live: fc.boolean(),
  owners: fc
    .tuple(...artworkIds.map((id) => fc.constantFrom(entity, owner, owner, null).map((gid) => [id, gid] as const)))
    .map((pairs) => new Map(pairs.filter((pair): pair is [number, string] => pair[1] !== null))),
  archive: fc.tuple(item(entity), item(owner), item(merged), item(otherMerged)).map((items): Archive => new Map(items)),
  otherFindings: fc.subarray(['index.value', 'xml.value', 'item.dark', 'orphan.leftovers'], { maxLength: 2 }),
});

function expectedOf({ live, owners }: World): ExpectedState {
  const images = [...owners].filter(([, gid]) => gid === entity).map(([id]) => anImage(id));
  if (!live) return orphan({ identity: 'merged', mergedInto: owner });
  return liveRelease(images, { mergedFrom: [merged, otherMerged] });
}

function observed(archive: Archive, gid: string): ObservedItem | 'unreadable' {
  const held = archive.get(gid) ?? 'missing';
  if (held === 'unreadable') return held;
  if (held === 'dark' || held === 'missing') return { kind: held };
  return presentItem([...held].map(([name, content]) => aFile(name, listedOf(content))));
}

function listedOf(content: string): Partial<ObservedFile> {
  if (content.endsWith('unknown')) return unknownContent;
  return content.endsWith('empty') ? { md5: md5Of(''), size: 0 } : { md5: md5Of(content), size: 1881 };
}

function seen(archive: Archive, gid: string, artworkId: number): ImageCopy {
  const there = observed(archive, gid);
  const about = { gid, artworkId, suffix: 'jpg' };
  if (there === 'unreadable') return { ...about, seen: there, ...unknownContent };
  if (there.kind !== 'present') return { ...about, seen: there.kind, ...unknownContent };
  const file = findOriginal(there, gid, artworkId, 'jpg');
  return { ...about, seen: file === null ? 'lacking' : 'held', ...(file ?? unknownContent) };
}

function originalOn(archive: Archive, gid: string, artworkId: number, suffix: string): ObservedFile | null {
  const item = observed(archive, gid);
  return item === 'unreadable' ? null : findOriginal(item, gid, artworkId, suffix);
}

/** Audits the entity as activities do; null where its own item can't be read. */
function audit(world: World): Decision | null {
  const expected = expectedOf(world);
  const there = observed(world.archive, entity);
  if (there === 'unreadable') return null;
  const images = imagesInQuestion(expected, there);
  // The entity's own images are in MusicBrainz' table as well, unless it is an orphan: then nobody owns them.
  const elsewhere = [...world.owners].filter(([, gid]) => gid !== entity);
  const owners = new Map(
    elsewhere.map(([id, gid]): [number, ImageOwner] => [id, { gid, suffix: 'jpg', presence: 'present' }]),
  );
  const copies = [
    ...images.missing.flatMap(({ artworkId }) =>
      [merged, otherMerged].map((gid) => seen(world.archive, gid, artworkId)),
    ),
    ...images.extra.flatMap(({ artworkId }) => (owners.has(artworkId) ? [seen(world.archive, owner, artworkId)] : [])),
  ];
  const others = world.otherFindings.map((check) => ({ check, subject: 'it', expected: 'this', found: 'that' }));
  const findings = groupFindings([...checkItem(expected, there), ...others], defaultPolicies);
  return decide({
    expected,
    findings,
    images: { ...images, owners, copies },
    policies: defaultPolicies,
    wontFixEvidence: [],
    repairedBefore: {},
  });
}

/** The archive after some events have been carried out, in the order of the list. */
function carriedOut(archive: Archive, repairs: readonly Repair[]): Archive {
  const after: Archive = new Map(
    [...archive].map(([gid, held]) => [gid, typeof held === 'string' ? held : new Map(held)]),
  );
  const filesOf = (gid: string): Map<string, string> => {
    const held = after.get(gid);
    if (held instanceof Map) return held;
    if (held === 'dark' || held === 'unreadable') throw new Error(`an event for an item that is ${held}`);
    const made = new Map<string, string>();
    after.set(gid, made);
    return made;
  };
  for (const { action, message } of repairs) {
    if (action === 'copy_image') {
      const { artwork_id: id, old_gid: from, new_gid: to, suffix } = message;
      const content = filesOf(from).get(originalFileName(from, id, suffix));
      if (content === undefined) throw new Error(`a copy of image ${id}, which is not there`);
      filesOf(to).set(originalFileName(to, id, suffix), content);
    } else if (action === 'delete_image') {
      filesOf(message.gid).delete(originalFileName(message.gid, message.artwork_id, message.suffix));
    }
  }
  return after;
}

function contents(archive: Archive): Set<string> {
  return new Set([...archive.values()].flatMap((held) => (typeof held === 'string' ? [] : [...held.values()])));
}

/** Checks a property of many worlds and their decisions; a failure prints the seed and the world. */
function always(property: (decision: Decision, world: World) => void): void {
  fc.assert(
    fc.property(world, (example) => {
      const decision = audit(example);
      if (decision !== null) property(decision, example);
    }),
    { numRuns: 700 },
  );
}

describe('every decision', () => {
  it('deletes nothing unless a copy was seen, or is made before', () => {
    always(({ repairs }, { archive }) => {
      for (const repair of repairs) {
        if (repair.action !== 'delete_image') continue;
        const { artwork_id: id, suffix } = repair.message;
        const [here, there] = [entity, owner].map((gid) => originalOn(archive, gid, id, suffix));
        const held = here != null && there != null && compareContents(here, there) === 'same';
        const copies = repair.dependsOn.map((position) => repairs[position]);
        const copied = copies.some(
          (copy) => copy?.action === 'copy_image' && copy.message.new_gid === owner && copy.message.artwork_id === id,
        );
        expect(held || copied).toBe(true);
      }
    });
  });

  it('copies nothing over an original, nor an empty one, nor one of which nothing is listed', () => {
    always(({ repairs }, { archive }) => {
      for (const repair of repairs) {
        if (repair.action !== 'copy_image') continue;
        const { artwork_id: id, old_gid: from, new_gid: to, suffix } = repair.message;
        expect(originalOn(archive, to, id, suffix)).toBeNull();
        expect(originalOn(archive, from, id, suffix)?.size).toBeGreaterThan(0);
      }
    });
  });

  it('loses no content, carried out in any order that the dependencies allow, and cut off anywhere', () => {
    always(({ repairs }, { archive }) => {
      const before = contents(archive);
      for (let end = 0; end <= repairs.length; end++) {
        // One of the orders that the list stands for is the list's own; deletes as early as they may come is another.
        const early = earliestDeletes(repairs).slice(0, end);
        for (const done of [repairs.slice(0, end), early]) expect(contents(carriedOut(archive, done))).toEqual(before);
      }
    });
  });

  it('leaves no image to mend once its repairs are carried out', () => {
    always(({ decision, repairs }, example) => {
      if (decision !== 'repair_queue') return;
      const again = audit({ ...example, archive: carriedOut(example.archive, repairs) });
      const ofImages = again?.findings.filter(({ check }) => check === 'files.image' || check === 'files.extra_image');
      expect(ofImages).toEqual([]);
    });
  });

  it('queues nothing while something needs a person or cannot be judged', () => {
    always(({ decision, findings, repairs, reason, reviewReasons }) => {
      expect(repairs.length > 0).toBe(decision === 'repair_queue');
      expect(reason !== null).toBe(decision === 'not_now');
      expect(reviewReasons.length > 0).toBe(decision === 'manual_review');
      if (decision === 'repair_queue') expect(findings.filter(({ policy }) => policy === 'review')).toEqual([]);
    });
  });

  it('orders its events: dependencies point backwards, none comes twice, and each index comes after what it is about', () => {
    always(({ repairs }, { live }) => {
      expect(new Set(repairs.map(({ action, message }) => JSON.stringify([action, message]))).size).toBe(
        repairs.length,
      );
      for (const [position, { action, message, dependsOn }] of repairs.entries()) {
        for (const parent of dependsOn) expect(parent).toBeLessThan(position);
        if (action !== 'index' && action !== 'deindex') continue;
        expect(message.gid === entity ? action : 'index').toBe(live || message.gid !== entity ? 'index' : 'deindex');
        const changes = repairs.flatMap((other, at) =>
          other.action === 'delete_image' && other.message.gid === message.gid ? [at] : [],
        );
        expect(dependsOn).toEqual(expect.arrayContaining(changes));
      }
    });
  });

  it('comes to each of its outcomes in these examples', () => {
    const outcomes = new Set(fc.sample(world, { numRuns: 3000, seed: 1 }).map((example) => audit(example)?.decision));
    for (const outcome of ['clean', 'legacy', 'manual_review', 'not_now', 'repair_queue'])
      expect(outcomes).toContain(outcome);
  });
});

/** The same events in an order that dependencies allow, in which each delete comes as early as it may. */
function earliestDeletes(repairs: readonly Repair[]): Repair[] {
  const order: number[] = [];
  const take = (position: number): void => {
    for (const parent of repairs[position]?.dependsOn ?? []) take(parent);
    if (!order.includes(position)) order.push(position);
  };
  for (const wanted of [true, false]) {
    for (const [position, { action }] of repairs.entries()) if ((action === 'delete_image') === wanted) take(position);
  }
  return order.map((position) => repairs[position] as Repair);
}
