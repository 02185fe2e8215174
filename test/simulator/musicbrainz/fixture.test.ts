import { describe, expect, it } from 'vitest';
import { readExpectedState } from '../../../src/database/musicbrainz/expected-state.ts';
import { addEvent, addImage, addRelease } from '../../../src/simulator/musicbrainz/builders.ts';
import {
  approveImage,
  changeImage,
  deleteImage,
  moveImage,
  setPresence,
} from '../../../src/simulator/musicbrainz/changes.ts';
import { installMusicbrainzFixture } from '../../../src/simulator/musicbrainz/seed.ts';
import { createTestDatabase } from '../../support/database.ts';

const { db } = await createTestDatabase();

describe('the MusicBrainz fixture', () => {
  it('is installed once; a second time changes nothing', async () => {
    const { gid } = await addRelease(db);
    await installMusicbrainzFixture(db);
    const { rows } = await db.query('select gid from musicbrainz.release where gid = $1', [gid]);
    expect(rows).toEqual([{ gid }]);
  });

  it('works without a search_path', async () => {
    await db.transaction(async (tx) => {
      await tx.query(`set local search_path to ''`);
      const release = await addRelease(tx, { images: 2 });
      await deleteImage(tx, 'release', release.images[0]?.id ?? 0);
    });
  });
});

describe('index_listing', () => {
  it('calls the lowest-ordered image of its type front and back, whatever its id', async () => {
    const { id, images } = await addRelease(db, {
      images: [
        { id: 30_000_000_003, types: ['Booklet'] },
        { id: 30_000_000_009, types: ['Front', 'Back'] },
        { id: 30_000_000_001, types: ['Front'] },
        { id: 30_000_000_002, types: ['Back'] },
      ],
    });
    const { rows } = await db.query(
      'select id, is_front, is_back from cover_art_archive.index_listing where release = $1 order by ordering',
      [id],
    );
    expect(rows).toEqual(
      images.map((image) => ({
        id: image.id,
        is_front: image.id === 30_000_000_009,
        is_back: image.id === 30_000_000_009,
      })),
    );
  });

  it('makes another image the front when the first one moves behind it', async () => {
    const { id, images } = await addRelease(db, { images: [{ types: ['Front'] }, { types: ['Front'] }] });
    await changeImage(db, 'release', images[0]?.id ?? 0, { ordering: 3 });
    const { rows } = await db.query<{ id: number }>(
      'select id from cover_art_archive.index_listing where release = $1 and is_front',
      [id],
    );
    expect(rows).toEqual([{ id: images[1]?.id }]);
  });

  it('calls an image approved when its edit is closed', async () => {
    const { id, images } = await addRelease(db, { images: [{ approved: false }] });
    const approved = async (): Promise<unknown> =>
      (await db.query('select approved from cover_art_archive.index_listing where release = $1', [id])).rows;
    expect(await approved()).toEqual([{ approved: false }]);
    await approveImage(db, 'release', images[0]?.id ?? 0);
    expect(await approved()).toEqual([{ approved: true }]);
  });

  it('has no word on the back of an event, and a poster for its front', async () => {
    const { id } = await addEvent(db, { images: [{ types: ['Flyer'] }, { types: ['Ticket', 'Poster'] }] });
    const { rows } = await db.query<{ is_front: boolean; types: string[] }>(
      'select * from event_art_archive.index_listing where event = $1 order by ordering',
      [id],
    );
    expect(rows.map(({ is_front }) => is_front)).toEqual([false, true]);
    expect(rows[1]?.types.sort()).toEqual(['Poster', 'Ticket']);
    expect(rows[0]).not.toHaveProperty('is_back');
  });

  it('gives an image without types an empty list', async () => {
    const { id } = await addRelease(db, { images: [{ types: [] }] });
    const { rows } = await db.query('select types from cover_art_archive.index_listing where release = $1', [id]);
    expect(rows).toEqual([{ types: [] }]);
  });
});

describe('the presence flag', () => {
  it('follows the images', async () => {
    const release = await addRelease(db, { images: [] });
    const presence = async (): Promise<unknown> =>
      (await db.query('select cover_art_presence as is from musicbrainz.release_meta where id = $1', [release.id]))
        .rows;
    expect(await presence()).toEqual([{ is: 'absent' }]);
    const image = await addImage(db, release);
    expect(await presence()).toEqual([{ is: 'present' }]);
    await deleteImage(db, 'release', image.id);
    expect(await presence()).toEqual([{ is: 'absent' }]);
  });

  it('of a darkened entity stays, and no image is added to it', async () => {
    const event = await addEvent(db, { images: 2, darkened: true });
    await deleteImage(db, 'event', event.images[0]?.id ?? 0);
    await expect(addImage(db, event)).rejects.toThrow('darkened');
    const other = await addEvent(db, { images: 1 });
    await moveImage(db, 'event', other.images[0]?.id ?? 0, event.gid);
    expect(await readExpectedState(db, event)).toMatchObject({ presence: 'darkened', images: [{}, {}] });
    await setPresence(db, event, 'present');
    await expect(addImage(db, event)).resolves.toMatchObject({ ordering: 3 });
  });
});

describe('the first release date', () => {
  it('is the earliest of all release events, with or without a country', async () => {
    const { id } = await addRelease(db, {
      dates: [
        { country: 'JP', year: 2001, month: 5, day: null },
        { country: null, year: 2001, month: 4, day: 30 },
        { country: 'US', year: null, month: null, day: null },
      ],
    });
    const first = async (): Promise<unknown> =>
      (await db.query('select * from musicbrainz.release_first_release_date where release = $1', [id])).rows;
    expect(await first()).toEqual([{ release: id, year: 2001, month: 4, day: 30 }]);
    await db.query('delete from musicbrainz.release_unknown_country where release = $1', [id]);
    expect(await first()).toEqual([{ release: id, year: 2001, month: 5, day: null }]);
    await db.query('delete from musicbrainz.release_country where release = $1', [id]);
    expect(await first()).toEqual([]);
  });
});
