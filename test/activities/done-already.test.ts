import { createHash, randomInt, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  createEventHandlers,
  type EventHandlers,
  type HandlerOutcome,
  whyDone,
} from '../../src/activities/event-handlers.ts';
import { RefusedError } from '../../src/clients/errors.ts';
import { rememberContents } from '../../src/database/image-contents.ts';
import { indexFileName, originalFileName } from '../../src/domain/documents/file-names.ts';
import { type EntityKey, projects } from '../../src/domain/entity.ts';
import { noFaults } from '../../src/simulator/archive/faults.ts';
import type { FileSeed, ItemSeed } from '../../src/simulator/archive/seed-item.ts';
import { addEntity } from '../../src/simulator/musicbrainz/builders.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { clientsOf, keys } from '../clients/at-the-simulator.ts';
import { createTestDatabase } from '../support/database.ts';
import { simulatorSettings } from '../support/simulator-settings.ts';
import { dependenciesAt, withoutWaits } from './dependencies-at.ts';

/* Writes that the archive refuses, though there is nothing left to do. */

const database = await createTestDatabase();
let simulator: Simulator;
let handlers: EventHandlers;
beforeAll(async () => {
  simulator = await startSimulator({ seed: 1, musicbrainz: database.db, applySeconds: { min: 3600, max: 3600 } });
  handlers = createEventHandlers(dependenciesAt(database, simulator, { ...withoutWaits, ...keys }));
});
beforeEach(() => void Object.assign(simulator.faults, noFaults()));
afterAll(() => simulator.close());

const suffix = 'jpg';

function seed(gid: string, files: readonly FileSeed[], more: Partial<ItemSeed> = {}): void {
  const metadata = { collection: projects.release.collection, mediatype: 'image', noindex: 'true' };
  simulator.archive.seedItem({ identifier: `mbid-${gid}`, metadata, files, ...more });
}

const outcomeOf = (told: Promise<HandlerOutcome>): Promise<unknown> =>
  told.catch((error: unknown) => (error instanceof RefusedError ? 'refused' : error));
const nothingToDo = (why: string): unknown => ({ nothingToDo: expect.stringContaining(why) as string });

describe('a write to an item that the archive refuses with AccessDenied', () => {
  const writes: Readonly<Record<string, (key: EntityKey, id: number) => Promise<HandlerOutcome>>> = {
    putIndex: (key) => handlers.putIndex(key),
    putXml: (key) => handlers.putXml(key),
    copyImage: async ({ entityType, gid }, id) => {
      const from = randomUUID();
      seed(from, [{ name: originalFileName(from, id, suffix), content: Buffer.from('image') }]);
      return handlers.copyImage(entityType, { artwork_id: id, old_gid: from, new_gid: gid, suffix });
    },
    deleteImage: async ({ entityType, gid }, id) => {
      const message = { artwork_id: id, gid, suffix };
      return handlers.deleteImage({ eventId: 1, entityType, message, origin: 'trigger' });
    },
    deleteIndex: (key) => handlers.deleteIndex(key, 'trigger'),
  };

  test.each(Object.keys(writes))('is done where MusicBrainz says darkened, and the item is dark: %s', async (name) => {
    const key = { entityType: 'release', gid: randomUUID() } as const;
    // Of one that has images again no index is deleted anyway.
    await addEntity(database.db, key, { images: name === 'deleteIndex' ? 0 : 1, darkened: true });
    seed(key.gid, [], { dark: true });
    expect(await outcomeOf(writes[name]!(key, randomInt(10_000_000, 99_999_999)))).toEqual(
      nothingToDo(`mbid-${key.gid} is dark, and MusicBrainz says darkened: `),
    );
  });

  test.each([
    ['MusicBrainz shows its art', { darkened: false, dark: true }],
    ['the item is not dark', { darkened: true, dark: false }],
  ])('is refused where %s', async (_what, { darkened, dark }) => {
    const key = { entityType: 'release', gid: randomUUID() } as const;
    await addEntity(database.db, key, { images: 1, darkened });
    seed(key.gid, [], { dark });
    simulator.faults.accessDenied = [`mbid-${key.gid}`];
    expect(await outcomeOf(handlers.putIndex(key))).toBe('refused');
  });
});

describe('a copy of a file that is gone', () => {
  interface Scene {
    /** What the target holds: an image's bytes, nothing of it, or no item at all. */
    readonly there: string | null;
    /** What an older deletion has left of the source. */
    readonly old?: string;
    /** What an audit remembers of the image. */
    readonly remembered?: string;
    readonly source?: 'dark' | 'missing';
  }
  async function copyInto({ there, old, remembered, source }: Scene): Promise<unknown> {
    const [from, to, id] = [randomUUID(), randomUUID(), randomInt(10_000_000, 99_999_999)];
    const name = originalFileName(from, id, suffix);
    const index = { name: indexFileName, content: Buffer.from('{}') };
    const version = { name: `history/files/${name}.~1~`, content: Buffer.from(old ?? '') };
    if (source !== 'missing') seed(from, old === undefined ? [index] : [index, version], { dark: source === 'dark' });
    const copy = { name: originalFileName(to, id, suffix), content: Buffer.from(there ?? '') };
    seed(to, there === null ? [index] : [copy, index]);
    if (remembered !== undefined) {
      const md5 = createHash('md5').update(remembered).digest('hex');
      await rememberContents(database.db, 'release', [{ artworkId: id, suffix, md5 }]);
    }
    return outcomeOf(handlers.copyImage('release', { artwork_id: id, old_gid: from, new_gid: to, suffix }));
  }
  const done = nothingToDo('holds it');

  test.each<[string, Scene, unknown]>([
    ['holds what the deletion has left', { there: 'image', old: 'image' }, done],
    ['holds what an audit remembers', { there: 'image', remembered: 'image' }, done],
    [
      'holds that, and the source has no item any more',
      { there: 'image', remembered: 'image', source: 'missing' },
      done,
    ],
    ['holds another content', { there: 'image', old: 'another' }, 'refused'],
    // What is listed now goes before what was seen once.
    ['holds another content than was deleted', { there: 'image', old: 'another', remembered: 'image' }, 'refused'],
    ['holds a content that nothing tells of', { there: 'image' }, 'refused'],
    ['holds an empty file', { there: '', remembered: '' }, 'refused'],
    ['lacks it', { there: null, old: 'image' }, 'refused'],
    ['holds it, where the source is dark', { there: 'image', remembered: 'image', source: 'dark' }, 'refused'],
  ])('whose target %s', async (_what, scene, expected) => {
    expect(await copyInto(scene)).toEqual(expected);
  });
});

describe('a copy that is refused, whose target holds what an audit remembers,', () => {
  test.each<[string, string, Partial<ItemSeed> | null, boolean]>([
    ['is done where the source has no such file', 'NoSuchKey', {}, true],
    ['is done where there is no such source', 'NoSuchBucket', null, true],
    ['is not done for another reason', 'InvalidArgument', {}, false],
    // Its items may have changed since the answer, or it was one of another front-end.
    ['is not done where the source is dark', 'NoSuchKey', { dark: true }, false],
    ['is not done where the source is there after all', 'NoSuchKey', { files: [] }, false],
  ])('%s', async (_what, code, source, isDone) => {
    const [from, to, id] = [randomUUID(), randomUUID(), randomInt(10_000_000, 99_999_999)];
    const original = (gid: string): FileSeed => ({
      name: originalFileName(gid, id, suffix),
      content: Buffer.from('it'),
    });
    const index = { name: indexFileName, content: Buffer.from('{}') };
    if (source !== null) seed(from, source.files ? [index, original(from)] : [index], { dark: source.dark ?? false });
    seed(to, [index, original(to)]);
    const md5 = createHash('md5').update('it').digest('hex');
    await rememberContents(database.db, 'release', [{ artworkId: id, suffix, md5 }]);
    const refused = new RefusedError('refused', { status: 404, code, bodyExcerpt: '', requestId: null });
    const clients = clientsOf(database.db, simulatorSettings(simulator));
    const copy = { artwork_id: id, old_gid: from, new_gid: to, suffix };
    const why = await whyDone({ db: database.db, clients }, refused, { key: { entityType: 'release', gid: to }, copy });
    expect(why).toBe(isDone ? `the image is gone from mbid-${from}, and mbid-${to} holds it` : null);
  });
});
